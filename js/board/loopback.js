// Serves the built page, and files beside it, to this machine only.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Serves on a port, or on any that is free. Returns the address, and how to end it. */
export async function serve(files = [], port = 0) {
  const beside = new Map(files.map((file) => [basename(file), file]));
  const server = createServer(async ({ url }, response) => {
    const name = basename(new URL(url, "http://localhost").pathname) || "index.html";
    try {
      const bytes = await readFile(beside.get(name) ?? join(import.meta.dirname, "dist", name));
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening, failed) => server.once("error", failed).listen(port, "127.0.0.1", listening));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
