// The Worker with objects that sometimes fail: before or after storing an event, or by aborting.
import { Account as Real } from "../worker/src/account.ts";

export { default } from "../worker/src/index.ts";

let count = 0;

export class Account extends Real {
  async deliver(bytes, agent) {
    count += 1;
    if (count % 5 === 1) throw new Error("before it was stored");
    const outcome = await super.deliver(bytes, agent);
    if (count % 5 === 3) throw new Error("after it was stored");
    if (count % 5 === 4) this.ctx.abort("altogether");
    return outcome;
  }
}
