// The last step of `make demo`: opens the page with a file of events in a browser of this machine.
// `node board/demo.js FILE [INSTANT] [--serve PORT]`; with a port, the page is served and not opened.
import { spawn } from "node:child_process";
import { basename, relative, resolve } from "node:path";
import { parseArgs } from "node:util";

import { serve } from "./loopback.js";

/** What opens an address: what the desktop is set to, or else a browser. */
const OPENERS = {
  darwin: [["open"]],
  win32: [["cmd", "/c", "start", ""]],
  linux: ["xdg-open", "firefox", "chromium", "chromium-browser", "google-chrome", "microsoft-edge"].map((name) => [name]),
};
/** A program that still runs after this time is a browser. */
const OPENING = 3000;
/** How long the page is served when nobody can press Ctrl-C. */
const UNATTENDED = 60_000;

const { values, positionals } = parseArgs({ options: { serve: { type: "string" } }, allowPositionals: true });
const [file, at] = positionals;
const query = new URLSearchParams({ file: basename(file), ...(at && { at }) });

if (values.serve) {
  const { url } = await serve([resolve(file)], Number(values.serve));
  console.log(`The page is at ${url}?${query}\nPress Ctrl-C to stop serving it.`);
} else if (!hasScreen() || !(await open())) {
  const again = ["node", relative("", process.argv[1]), ...positionals, "--serve", "8080"].join(" ");
  console.log(`Found no ${hasScreen() ? "browser" : "screen"} to open the page. To serve it: ${again}`);
}

/** Opens the page in the first browser that starts. */
async function open() {
  const { url, close } = await serve([resolve(file)]);
  for (const [program, ...args] of OPENERS[process.platform] ?? OPENERS.linux) {
    // An address with `&` is two commands to cmd.
    const address = `${url}?${query}`.replace(/&/g, program === "cmd" ? "^&" : "&");
    if (!(await starts(program, [...args, address]))) continue;
    console.log(`The page is open at ${url}?${query}\nPress Ctrl-C to stop serving it.`);
    if (!process.stdin.isTTY) setTimeout(close, UNATTENDED);
    return true;
  }
  close();
  return false;
}

function starts(program, args) {
  return new Promise((done) => {
    const started = spawn(program, args, { stdio: "ignore", detached: true });
    started.on("error", () => done(false));
    started.on("exit", (code) => done(code === 0));
    setTimeout(done, OPENING, true).unref();
    started.unref();
  });
}

function hasScreen() {
  if (process.env.CI) return false;
  if (process.platform === "darwin" || process.platform === "win32") return !process.env.SSH_CONNECTION;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
