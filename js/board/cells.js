// The parts of a row of the wallboard. They are made once, and filled again whenever something changes.
import { element, setAttribute, setText } from "./element.js";
import { duration, number, stateName, tone } from "./format.js";

export function fillBar(bar, load, capacity) {
  const width = capacity > 0 ? `${Math.min(100, Math.round((100 * load) / capacity))}%` : "0%";
  if (bar.firstChild.style.width !== width) bar.firstChild.style.width = width;
  bar.classList.toggle("full", capacity !== null && load >= capacity && load > 0);
}

export function stateElement() {
  return element(
    "span",
    { className: "state" },
    element("span", { className: "dot" }),
    element("span", { className: "name" }),
    element("span", { className: "time" }),
  );
}

export function fillState(node, state, since, now) {
  const [dot, name, time] = node.children;
  setAttribute(dot, "data-tone", tone(state));
  setText(name, stateName(state));
  setText(time, since ? duration(now - Date.parse(since)) : "");
}

export function loadElements() {
  return [
    element(
      "span",
      { className: "load" },
      element("span", { className: "bar", "aria-hidden": "true" }, element("span")),
      element("span", { className: "of" }),
      element("span", { className: "free" }),
    ),
    stateElement(),
  ];
}

export function fillChannel(cell, channel, now) {
  const [load, state] = cell.children;
  cell.classList.toggle("none", !channel);
  load.hidden = !channel;
  state.hidden = !channel;
  if (!channel) return;
  const free = channel.accepting ? "free" : channel.accepting === null ? "free?" : "";
  fillLoad(load, channel, free);
  fillState(state, channel.state, channel.since, now);
}

/** Fills the load and the capacity of an agent or a group on a channel. */
export function fillLoad(node, { load, max_capacity, isChat }, text) {
  const [bar, of, free] = node.children;
  bar.hidden = isChat === true;
  fillBar(bar, load, max_capacity);
  setText(of, isChat ? number(load) : `${number(load)}/${max_capacity === null ? "–" : number(max_capacity)}`);
  setText(free, text);
}
