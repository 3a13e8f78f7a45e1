// Helpers for elements. Text is always set as text, never as HTML.

/** Creates an element with properties, attributes such as `aria-…` and `data-…`, and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && !key.includes("-")) made[key] = value;
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Sets the text of a node, only if it differs. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Sets the options of a `select`, as values or pairs of value and text. Keeps the choice if possible. */
export function setOptions(select, options) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const text = JSON.stringify(pairs);
  if (select.dataset.options === text) return;
  const value = chosen(select);
  select.dataset.options = text;
  select.replaceChildren(...pairs.map(([value, textContent]) => element("option", { value, textContent })));
  choose(select, value);
}

/** Returns the value of a form control: of a checkbox `yes` or "", of a `select` also one that is no option yet. */
export function chosen(control) {
  if (control.type === "checkbox") return control.checked ? "yes" : "";
  return control.dataset.wanted ?? control.value;
}

/** Sets the value of a form control. A `select` takes it once it has the option, unless the user chooses first. */
export function choose(control, value) {
  if (control.type === "checkbox") control.checked = value === "yes";
  else if (!(control instanceof HTMLSelectElement)) control.value = value;
  else {
    const isOption = [...control.options].some((option) => option.value === value);
    if (isOption) control.value = value;
    if (isOption || value === "") delete control.dataset.wanted;
    else control.dataset.wanted = value;
  }
}

addEventListener("input", ({ target }) => delete target.dataset?.wanted, { capture: true });
