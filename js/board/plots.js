// What all charts have in common. The patterns that mark uncertain time stand in `index.html`.

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

/** Makes a plot a single image with one label. */
export function pictured(svg) {
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.setAttribute("role", "img");
  return svg;
}
