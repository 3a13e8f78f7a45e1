// Receives webhook deliveries in the HTTP servers of Node.
import { Readable } from "node:stream";

import { AgentfoldError, receive } from "agentfold";

/** Returns a handler for `node:http`, Express and Connect. */
export function nodeHandler({ answered, ...options }) {
  return async (incoming, outgoing, next) => {
    try {
      const result = await receive(requestOf(incoming), options);
      outgoing.writeHead(result.response.status, Object.fromEntries(result.response.headers));
      outgoing.end();
      await answered?.(result);
    } catch (error) {
      // What remains are mistakes of the program. Without a framework nobody else answers.
      if (next) return next(error);
      if (!outgoing.headersSent) outgoing.writeHead(500).end();
      throw error;
    }
  };
}

/** A plugin for Fastify: a route that gets its bodies as they were received. */
export async function fastifyPlugin(fastify, { path, ...options }) {
  const handle = nodeHandler(options);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _payload, done) => done(null));
  fastify.all(path, (request, reply) => {
    reply.hijack();
    return handle(request.raw, reply.raw);
  });
}

/** A request of the Fetch API with the bytes as they were received. */
function requestOf(incoming) {
  const { method } = incoming;
  const headers = Object.entries(incoming.headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? bodyOf(incoming) : undefined;
  return new Request("http://localhost/", { method, headers, body, duplex: "half" });
}

function bodyOf(incoming) {
  for (const read of [incoming.rawBody, incoming.body]) {
    if (ArrayBuffer.isView(read) || typeof read === "string") return read;
  }
  if (incoming.readableDidRead || incoming.readableEnded) {
    const message =
      "the body was parsed before, and the signature is of its bytes: put this handler before parsers such as " +
      "`express.json()`, or use `express.raw({ type: \"*/*\" })` on its path";
    throw new AgentfoldError("bad_argument", "/request", message);
  }
  return Readable.toWeb(incoming);
}
