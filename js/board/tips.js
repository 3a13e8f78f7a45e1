// Texts about the parts of a chart: by pointer, by touch, and by keyboard when the chart has the focus.
import { byId, setText } from "./element.js";

/** How far beside a thin part a finger or a pointer may be, in pixels. */
const NEAR = [0, -3, 3, -8, 8];
const MARGIN = 8;

let active;

/** Makes the titles of a plot's marks available as texts, and the plot reachable by the keyboard. */
export function tipped(svg) {
  for (const title of svg.querySelectorAll("title")) {
    title.parentNode.dataset.tip = title.textContent;
    // Otherwise the browser would show it too.
    title.remove();
  }
  svg.tabIndex = 0;
  svg.onpointermove = (event) => show(markAt(event));
  svg.onpointerdown = (event) => show(markAt(event));
  svg.onpointerleave = ({ pointerType }) => pointerType === "mouse" && hide();
  svg.onblur = hide;
  svg.onkeydown = (event) => {
    if (event.key === "Escape") return hide();
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!step || event.shiftKey) return undefined;
    event.preventDefault();
    return show(beside(svg, step));
  };
  return svg;
}

/** Hides the text. */
export function hide() {
  active?.classList.remove("active");
  active = undefined;
  byId("tip").hidden = true;
}

function show(mark) {
  if (!mark) return hide();
  const tip = byId("tip");
  if (mark === active) return undefined;
  hide();
  active = mark;
  mark.classList.add("active");
  setText(tip, mark.dataset.tip);
  tip.hidden = false;
  place();
  return undefined;
}

/** Puts the text above its mark, or below if there is no room. */
function place() {
  if (!active) return;
  const tip = byId("tip");
  const [at, own] = [active.getBoundingClientRect(), tip.getBoundingClientRect()];
  const left = (at.left + at.right) / 2 - own.width / 2;
  const above = at.top - own.height - MARGIN;
  tip.style.left = `${Math.max(MARGIN, Math.min(left, document.documentElement.clientWidth - own.width - MARGIN))}px`;
  tip.style.top = `${above > MARGIN ? above : at.bottom + MARGIN}px`;
}

function markAt({ clientX, clientY }) {
  for (const off of NEAR) {
    const mark = document.elementFromPoint(clientX + off, clientY)?.closest("[data-tip]");
    if (mark) return mark;
  }
  return undefined;
}

/** Returns the next mark in the order of the data, or the nearest one above or below. */
function beside(svg, [across, down]) {
  const all = [...svg.querySelectorAll("[data-tip]")];
  const at = all.indexOf(active);
  if (at < 0) return all[0];
  if (across) return all[Math.max(0, Math.min(all.length - 1, at + across))];
  const center = (mark) => {
    const { left, right, top, bottom } = mark.getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2];
  };
  const [x, y] = center(active);
  let [nearest, least] = [active, Infinity];
  for (const mark of all) {
    const [mx, my] = center(mark);
    if ((my - y) * down < 2) continue;
    // The nearest row comes first.
    const far = Math.round(Math.abs(my - y)) * 10_000 + Math.abs(mx - x);
    if (far < least) [nearest, least] = [mark, far];
  }
  return nearest;
}

addEventListener("scroll", place, { capture: true, passive: true });
addEventListener("pointerdown", ({ target }) => !target.closest?.(".plot") && hide());
