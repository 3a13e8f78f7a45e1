// The Worker with an object that drives the WebAssembly module out of memory when it is asked for `trap`.
import { Fold } from "agentfold";

import { Account as Real } from "../worker/src/account.ts";

export { default } from "../worker/src/index.ts";

/** More bytes than the memory of the module can grow to. */
let bytes;

export class Account extends Real {
  fetch(request) {
    if (request.url.endsWith("/trap")) new Fold().apply((bytes ??= new Uint8Array(2 ** 31)));
    return super.fetch(request);
  }
}
