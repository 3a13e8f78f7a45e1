// The Worker with an object that drives the WebAssembly module out of memory when it is asked for `trap`.
import { Fold } from "agentfold";

import { Account as Real } from "../worker/src/account.ts";

export { default } from "../worker/src/index.ts";

export class Account extends Real {
  fetch(request) {
    if (request.url.endsWith("/trap")) new Fold().apply(new Uint8Array(2 ** 31));
    return super.fetch(request);
  }
}
