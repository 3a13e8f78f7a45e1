// The last step of `make demo`: opens the page with a file of events. `node board/demo.js FILE [INSTANT]`
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, dirname, extname, join, relative, resolve } from "node:path";

import { chromium } from "playwright-core";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};
const OPENERS = { darwin: "open", linux: "xdg-open" };

const file = resolve(process.argv[2]);
const server = createServer(serve);
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const query = new URLSearchParams({ file: basename(file) });
if (process.argv[3]) query.set("at", process.argv[3]);
const url = `http://127.0.0.1:${server.address().port}/?${query}`;

const hasScreen = process.platform === "darwin" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
if (hasScreen && OPENERS[process.platform]) {
  console.log(`The page is at ${url}\nPress Ctrl-C to stop serving it.`);
  const opener = spawn(OPENERS[process.platform], [url], { stdio: "ignore" });
  opener.on("error", () => console.log("Could not open a browser: open the address yourself."));
} else {
  await look().finally(() => server.close());
}

/** Serves the files of the page and the file of events. */
async function serve({ url }, response) {
  const name = basename(new URL(url, "http://localhost").pathname) || "index.html";
  const path = name === basename(file) ? file : join(import.meta.dirname, "dist", name);
  try {
    const bytes = await readFile(path);
    response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

/** Takes a screenshot with a headless browser if there is no screen. */
async function look() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (!executablePath) {
    return console.log("Found no screen and no Chromium, so the page was not opened.");
  }
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(url);
    await page.locator("#views").waitFor();
    if (process.argv[3]) await page.locator(`#instant[data-chosen="${process.argv[3]}"]`).waitFor();
    const picture = join(dirname(file), "board.png");
    await page.screenshot({ path: picture });
    console.log(`The page was at ${url}`);
    console.log(`It shows ${await page.locator("#source").textContent()}.`);
    console.log(`There is no screen, so a screenshot was saved to ${relative("..", picture)}`);
  } finally {
    await browser.close();
  }
}
