// The package bundled by the usual bundlers, in a real browser.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import * as esbuild from "esbuild";
import * as vite from "vite";
import webpack from "webpack";

import { launched, reason } from "./browser.js";
import { install } from "./package.js";

const types = { ".html": "text/html", ".js": "text/javascript" };

describe("in a browser", { skip: reason }, () => {
  const project = install();
  let browser;

  before(async () => {
    writeFileSync(join(project, "main.js"), 'import { Fold } from "agentfold";\ndocument.title = `${new Fold().agents().length} agents`;\n');
    writeFileSync(join(project, "index.html"), '<!doctype html><script type="module" src="/main.js"></script>');
    browser = await launched();
  });

  after(() => browser?.close());

  /** Returns the title of a page, once it has one. */
  async function titled(url) {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => document.title !== "", null, { timeout: 10_000 });
    return page.title();
  }

  async function served(t, folder, html) {
    const server = createServer(async ({ url }, response) => {
      const name = basename(url) || "index.html";
      const body = html && name === "index.html" ? html : await readFile(join(folder, url === "/" ? name : url)).catch(() => "");
      response.writeHead(200, { "content-type": types[extname(name)] ?? "text/plain" }).end(body);
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}/`;
  }

  test("a build by Vite runs", async (t) => {
    await vite.build({ root: project, logLevel: "error", build: { outDir: "vite" } });
    assert.equal(await titled(await served(t, join(project, "vite"))), "0 agents");
  });

  test("the development server of Vite runs the package", async (t) => {
    const server = await vite.createServer({ root: project, logLevel: "error", server: { host: "127.0.0.1" } });
    t.after(() => server.close());
    await server.listen();
    assert.equal(await titled(server.resolvedUrls.local[0]), "0 agents");
  });

  test("a build by webpack runs", async (t) => {
    const path = join(project, "webpack");
    const config = { mode: "production", context: project, entry: "./main.js", output: { path }, performance: false };
    const stats = await promisify(webpack)(config);
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] });
    const html = '<!doctype html><script src="/main.js"></script>';
    assert.equal(await titled(await served(t, path, html)), "0 agents");
  });

  test("a classic script built by esbuild runs", async (t) => {
    const path = join(project, "esbuild");
    mkdirSync(path);
    await esbuild.build({ entryPoints: [join(project, "main.js")], outfile: join(path, "main.js"), bundle: true, format: "iife" });
    const html = '<!doctype html><script src="/main.js"></script>';
    assert.equal(await titled(await served(t, path, html)), "0 agents");
  });
});
