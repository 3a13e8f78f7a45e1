// The same in a Worker. Its clock stands still while it computes, so the client measures.
import { bulk, deliveries, single } from "./peers.js";

let events;

export default {
  async fetch(request) {
    if (request.method === "PUT") {
      const bytes = new Uint8Array(await request.arrayBuffer());
      events = { bulk: bytes, single: deliveries(bytes) };
    } else {
      const [, way, peer] = decodeURIComponent(new URL(request.url).pathname).split("/");
      ({ bulk, single })[way][peer](events[way]);
    }
    return new Response();
  },
};
