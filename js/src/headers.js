/**
 * Returns names and values of headers in alternation.
 *
 * Reads a `Headers` object, a `Map`, pairs, or an object whose values may be arrays.
 */
export function namesAndValues(headers) {
  const pairs = typeof headers[Symbol.iterator] === "function" ? headers : Object.entries(headers);
  const all = [];
  for (const [name, values] of pairs) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value !== undefined) all.push(name, value);
    }
  }
  return all;
}
