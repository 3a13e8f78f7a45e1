// What all charts have in common: options of plots, and the patterns that mark uncertain time.

const FONT = 13;

/** Returns the options of a plot. The names of agents and groups need room on the left; an id has up to 20 digits. */
export function base({ window, width, along }, who = []) {
  const longest = Math.max(0, ...who.map((name) => name.length));
  const isSmall = longest * 8.3 + 12 > width * 0.45;
  const marginLeft = who.length > 0 ? Math.max(60, longest * (isSmall ? 7.1 : 8.3) + 12) : 44;
  const style = { fontSize: `${isSmall ? 11 : FONT}px` };
  const options = { width, marginLeft, className: "plot", style, color: { type: "identity" } };
  if (along !== "time") return { ...options, marginRight: 24 };
  return { ...options, marginRight: 14, x: { type: "utc", domain: [new Date(window.from), new Date(window.to)], axis: null } };
}

/** Makes a plot a single image with one label, and adds the patterns that its marks may be filled with. */
export function pictured(svg) {
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.prepend(patterns());
  svg.setAttribute("role", "img");
  return svg;
}

/** Dots and stripes in the colour of the page, so that what is below looks paler; `unknown` has nothing below. */
function patterns() {
  const tile = { width: 6, height: 6, patternUnits: "userSpaceOnUse" };
  const dot = made("circle", { cx: 3, cy: 3, r: 1.7, fill: "var(--page)" });
  const stripe = (fill, width) => made("rect", { width, height: 6, fill });
  return made(
    "defs",
    {},
    made("pattern", { ...tile, id: "inferred" }, dot),
    made("pattern", { ...tile, id: "disputed", patternTransform: "rotate(45)" }, stripe("var(--page)", 2.5)),
    made("pattern", { ...tile, id: "unknown", patternTransform: "rotate(45)" }, stripe("var(--field)", 1)),
  );
}

function made(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
