// A Worker that stores the events of whole days, as if they had been delivered then.
import { Fold } from "agentfold";

import { History } from "../worker/src/history.ts";
import { Account as Real } from "../worker/src/account.ts";

export default {
  fetch: (request, env) => env.ACCOUNT.getByName(new URL(request.url).searchParams.get("account")).fetch(request),
};

export class Account extends Real {
  async fetch(request) {
    const history = new History(this.ctx.storage);
    const day = Number(new URL(request.url).searchParams.get("day"));
    using all = new Fold();
    all.read(new Uint8Array(await request.arrayBuffer()));
    this.ctx.storage.transactionSync(() => {
      for (const { saved, ...agent } of all.saveAgents()) {
        using alone = new Fold();
        alone.restore(saved);
        history.add(agent, day, alone);
        history.settle(agent, day);
      }
    });
    return new Response();
  }
}
