// The same in a Worker. Its clocks stand still while it computes, so who asks measures.
import { bulk, single } from "./peers.js";

let bytes;

export default {
  async fetch(request) {
    if (request.method === "PUT") {
      bytes = new Uint8Array(await request.arrayBuffer());
    } else {
      const [, way, peer] = decodeURIComponent(new URL(request.url).pathname).split("/");
      ({ bulk, single })[way][peer](bytes);
    }
    return new Response();
  },
};
