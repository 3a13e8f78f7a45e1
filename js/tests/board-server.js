// A server for tests of the page. Serves its files, and the fold and live events of an account, like the Worker.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { WebSocketServer } from "ws";

const types = {
  ".css": "text/css",
  ".gz": "application/gzip",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Serves a folder, and `fold` as the fold of `account` to requests with `token`. `aside` has what the server knows
 * beside events, by name: what is undefined is not found.
 */
export async function serve({ folder, account, token, fold, aside = { names: null, drift: null, thresholds: null } }) {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "agentfold" });
  const asked = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(url);
    if (url === `/accounts/${account}/fold`) {
      const isAllowed = headers.authorization === `Bearer ${token}`;
      return isAllowed ? response.end(fold.save()) : response.writeHead(401).end();
    }
    const { pathname } = new URL(url, "http://localhost");
    const [, of, what] = /^\/accounts\/(\w+)\/(\w+)$/.exec(pathname) ?? [];
    if (of === account && aside[what] !== undefined) {
      const isAllowed = headers.authorization === `Bearer ${token}`;
      return isAllowed ? response.end(JSON.stringify(aside[what])) : response.writeHead(401).end();
    }
    const file = join(folder, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": types[extname(file)] }).end(readFileSync(file));
  });
  server.on("upgrade", (request, socket, head) => {
    const offered = request.headers["sec-websocket-protocol"]?.split(", ");
    const isAllowed = request.url === `/accounts/${account}/live` && offered?.[0] === "agentfold" && offered[1] === token;
    if (!isAllowed) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    return sockets.handleUpgrade(request, socket, head, () => {});
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    asked,
    url: `http://127.0.0.1:${server.address().port}/`,
    /** Applies an event and sends it to all clients. */
    tell(event) {
      const { changes } = fold.apply(event);
      const message = `{"event": ${event}, "changes": ${JSON.stringify(changes)}}`;
      for (const socket of sockets.clients) socket.send(message);
    },
    /** Applies an event without sending it to clients. */
    hush: (event) => fold.apply(event),
    /** Closes all connections. */
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
    close() {
      this.cut();
      sockets.close();
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
