// The wallboard on the screen of a wall: it fills the screen without controls, turns its pages by itself and keeps the
// screen awake. It stands in the address, so that a reload restores it.
import { address } from "./address.js";
import { byId } from "./element.js";

/** How long a page is shown, in milliseconds. */
const TURN_EVERY = 10_000;
/** How long the button to leave stays after the pointer has moved, in milliseconds. */
const LEAVE_FOR = 4000;

/** Sets up the mode. `floor` is the wallboard, and `show` selects a view. */
export function kiosk({ floor, show }) {
  let isOn = false;
  let turning;
  let hiding;
  let awake;
  /** The height of the tallest line seen: names may take two lines. */
  let tallest = 0;

  function set(on) {
    if (on === isOn) return;
    isOn = on;
    document.body.classList.toggle("kiosk", on);
    clearInterval(turning);
    if (on) {
      show("floor");
      turning = setInterval(() => document.hidden || floor.turnOn(), TURN_EVERY);
      requestAnimationFrame(fit);
    } else {
      floor.fit(undefined);
      if (document.fullscreenElement) document.exitFullscreen();
    }
    keepAwake();
  }

  /** Shows as many lines as there is room for below the cards. */
  function fit() {
    const { rows } = byId("agents").tBodies[0];
    if (!isOn || rows.length === 0) return;
    const room = innerHeight - byId("agents").tBodies[0].getBoundingClientRect().top;
    tallest = Math.max(tallest, ...[...rows].map((row) => row.offsetHeight));
    floor.fit(Math.max(1, Math.floor(room / tallest)));
  }

  /** Browsers release the lock whenever the page is hidden. Some have none, and some refuse it on battery. */
  async function keepAwake() {
    if (isOn && !document.hidden) awake ??= await navigator.wakeLock?.request("screen").catch(() => undefined);
    if (!isOn) await awake?.release();
    if (!isOn || awake?.released) awake = undefined;
  }

  function leave() {
    address.set({ kiosk: null });
    set(false);
  }

  byId("kiosk").onclick = () => {
    address.set({ kiosk: "yes" }, { isStep: true });
    set(true);
    // A browser that refuses still shows the page without controls.
    document.documentElement.requestFullscreen?.().catch(() => {});
  };
  byId("leave").onclick = leave;
  document.addEventListener("fullscreenchange", () => document.fullscreenElement || leave());
  document.addEventListener("visibilitychange", () => {
    if (awake?.released) awake = undefined;
    keepAwake();
  });
  addEventListener("keydown", ({ key }) => key === "Escape" && isOn && leave());
  for (const event of ["pointermove", "pointerdown", "focusin"]) {
    addEventListener(event, () => {
      if (!isOn) return;
      byId("leave").classList.add("shown");
      clearTimeout(hiding);
      hiding = setTimeout(() => byId("leave").classList.remove("shown"), LEAVE_FOR);
    });
  }
  // The room changes with the window, and once there are cards and rows.
  const observer = new ResizeObserver(fit);
  for (const id of ["cards", "agents"]) observer.observe(byId(id));
  addEventListener("resize", () => {
    tallest = 0;
    fit();
  });
  address.onMove(() => set(address.get("kiosk") === "yes"));
  set(address.get("kiosk") === "yes");
}
