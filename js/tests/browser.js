// Chromium for tests, if it is installed.
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** Why tests in a browser are skipped; false if they run, as they must in CI. */
export const reason = executablePath || process.env.CI ? false : "Chromium is not installed: install Debian's package chromium";

/** Launches a headless browser that makes no requests of its own. */
export function launched() {
  const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
  const args = ["--no-sandbox", "--disable-gpu", "--disable-sync", ...quiet];
  return chromium.launch({ executablePath, args });
}
