// The site of the guide in a real browser. `make docs` builds it and checks its links.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import axe from "axe-core";

import { launched, reason } from "./browser.js";
import { js } from "./package.js";

const site = join(js, "../target/site");
const built = existsSync(join(site, "api/python/agentfold.html"));
const missing = built || process.env.CI ? false : "target/site is missing: run `make docs`";
const address = "http://guide.localhost/";

describe("the site", { skip: reason || missing }, () => {
  let browser;
  before(async () => (browser = await launched()));
  after(() => browser?.close());

  const pages = built ? readdirSync(site, { recursive: true }).filter((path) => /^(?!api\/|toc).*\.html$/.test(path)) : [];
  // The page of each language, and what it names.
  const references = new Map([
    ["api/rust/agentfold/index.html", "Fold"],
    ["api/typescript/index.html", "parseEvent"],
    ["api/python/agentfold.html", "parse_event"],
  ]);

  /** Opens a page. What is missing in the site, requests to other hosts and errors fail the test. */
  async function opened(t, path, options = {}) {
    const page = await browser.newPage(options);
    const wrong = [];
    page.on("pageerror", (error) => wrong.push(error.stack));
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    await page.route("**", (route) => {
      const url = route.request().url();
      const file = join(site, new URL(url).pathname);
      if (url.startsWith(address) && existsSync(file)) return route.fulfill({ path: file });
      wrong.push(url);
      return route.abort();
    });
    t.after(async () => {
      await page.close();
      assert.deepEqual(wrong, []);
    });
    await page.goto(address + path);
    return page;
  }

  test("the references open from the bar", async (t) => {
    const page = await opened(t, "contract/glossary.html");
    const links = await page.$$eval(".references a, [title='Git repository']", (all) => all.map(({ href }) => href));
    assert.deepEqual(links, [...references.keys()].map((path) => address + path).concat("https://github.com/agentfold/agentfold"));
    for (const [path, name] of references) {
      await page.goto(address + path);
      assert.ok((await page.textContent("body")).includes(name), path);
    }
  });

  test("a search finds a term and shows its page", async (t) => {
    const page = await opened(t, "index.html");
    await page.keyboard.press("/");
    await page.keyboard.type("doubtful");
    await page.locator("#mdbook-searchresults a", { hasText: /Doubt$/ }).first().click();
    await page.waitForURL(/contract\/measures\.html.*#doubt$/);
    await page.waitForSelector("main mark");
  });

  test("every page has a title, and a phone shows it without scrolling sideways, in text of 14 pixels or more", async (t) => {
    assert.ok(pages.includes("index.html") && pages.includes("contract/glossary.html") && pages.includes("js/index.html"));
    const page = await opened(t, "index.html", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    for (const path of pages) {
      await page.goto(address + path);
      assert.match(await page.title(), /^\S.* - agentfold$/, path);
      const wide = (all) => all.some((one) => one.scrollWidth > one.clientWidth);
      assert.equal(await page.$$eval("html, body, .content", wide), false, path);
      assert.deepEqual(await page.$$eval("body *", small), [], path);
    }
  });

  test("text, links, tables and code can be read in the light and in the dark", async (t) => {
    const page = await opened(t, "index.html");
    for (const path of ["index.html", "js/index.html", "contract/alerts.html"]) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto(address + path);
        await page.evaluate(axe.source);
        const rules = ["color-contrast", "image-alt", "link-in-text-block"];
        const { violations } = await page.evaluate((rules) => globalThis.axe.run("main, .references", { runOnly: rules }), rules);
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], path);
      }
    }
  });
});

/** Returns the elements whose text is smaller than 14 pixels. */
function small(all) {
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const shown = all.filter((one) => one.checkVisibility() && hasText(one));
  return shown.filter((one) => Number.parseFloat(getComputedStyle(one).fontSize) < 14).map((one) => one.outerHTML);
}
