// Chromium, where there is one.
import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

/** Why tests in a browser are skipped; false where they are not. */
export const reason = executablePath ? false : "there is no Chromium: install Debian's package chromium";

/** A browser without a screen, that asks nothing of anybody by itself. */
export function launched() {
  const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
  const args = ["--no-sandbox", "--disable-gpu", "--disable-sync", ...quiet];
  return chromium.launch({ executablePath, args });
}
