// The legends of charts.
import { element } from "./element.js";
import { share } from "./format.js";

/** The symbols of channels, beside their colours. */
export const SYMBOLS = ["circle", "triangle", "square", "diamond", "star", "plus"];

/** Returns an entry of a legend. */
export function sign(text, attributes) {
  return element("li", {}, element("span", { className: "swatch", ...attributes }), text);
}

/** Returns the legend of striped bars. */
export function stripes() {
  return element("ul", { className: "legend" }, sign("striped: from uncertain time", { "data-basis": "disputed" }));
}

/** Returns the symbols of channels. Values with more uncertain time than `hollow` are drawn hollow. */
export function symbols(names, hollow) {
  const shapes = { circle: "●", triangle: "▲", square: "■", diamond: "◆", star: "★", plus: "✚" };
  const signs = names.map((name, i) => {
    const shape = element("span", { className: "symbol", "aria-hidden": "true", textContent: shapes[SYMBOLS[i % SYMBOLS.length]] });
    shape.style.color = `var(--series-${i % SYMBOLS.length})`;
    return element("li", {}, shape, name);
  });
  if (hollow) signs.push(element("li", {}, `hollow: more than ${share(hollow)} uncertain`));
  return element("ul", { className: "legend" }, ...signs);
}

