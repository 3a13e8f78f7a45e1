// The Worker, which also tells how large the memory of the WebAssembly module became.
import { instances } from "./instances.js";
import worker from "../worker/src/index.ts";

export { Account } from "../worker/src/account.ts";

export default {
  fetch(request, env, ctx) {
    if (!request.url.endsWith("/memory")) return worker.fetch(request, env, ctx);
    return Response.json(instances.map(({ exports }) => exports.memory.buffer.byteLength));
  },
};
