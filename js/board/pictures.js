// `make pictures`: takes the README's pictures of the page, which shows its sample day.
import { join } from "node:path";

import { launched } from "../tests/browser.js";
import { serve } from "./loopback.js";

const docs = join(import.meta.dirname, "../../docs");
const PICTURES = [
  { name: "board.png", view: "floor", ready: "#agents tbody tr", colorScheme: "light", height: 920 },
  { name: "board-timeline.png", view: "timeline", ready: "#plots svg", colorScheme: "dark", height: 760 },
];

const { url, close } = await serve();
const browser = await launched();
try {
  for (const { name, view, ready, colorScheme, height } of PICTURES) {
    const viewport = { width: 1280, height };
    const page = await browser.newPage({ locale: "en-GB", timezoneId: "Europe/Berlin", colorScheme, viewport });
    await page.goto(`${url}#source=sample&view=${view}&zone=Europe/Berlin`);
    await page.locator(ready).first().waitFor();
    await page.locator("#loading").waitFor({ state: "hidden" });
    await page.screenshot({ path: join(docs, name) });
    await page.close();
    console.log(`docs/${name}`);
  }
} finally {
  await browser.close();
  close();
}
