// Elements, always with text as text.

/** An element with properties, `aria-…`, `data-…` and other attributes by name, and children. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && !key.includes("-")) made[key] = value;
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Touches the page only where a text is another. */
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

/** Gives a `select` these options, as values or pairs of value and text; what was chosen stays so if it can. */
export function setOptions(select, options) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const text = JSON.stringify(pairs);
  if (select.dataset.options === text) return;
  const { value } = select;
  select.dataset.options = text;
  select.replaceChildren(...pairs.map(([value, textContent]) => element("option", { value, textContent })));
  if (pairs.some(([one]) => one === value)) select.value = value;
}
