// A Worker that removes the history before a day while the base of that day is stale.
import { Fold } from "agentfold";

import { Account as Real } from "../worker/src/account.ts";
import { History, beginOf, dayOf } from "../worker/src/history.ts";

export default {
  fetch: (request, env) => env.ACCOUNT.getByName("2").fetch(request),
};

export class Account extends Real {
  /** Takes events of an agent, of which the last one is late. Answers whether what is left is what must be left. */
  async fetch(request) {
    if (request.method !== "POST") return new Response();
    const { agent, day, events } = await request.json();
    const history = new History(this.ctx.storage);
    const whole = new Fold();
    for (const [i, event] of events.entries()) {
      if (i === events.length - 1) history.settle(agent, day);
      const alone = new Fold();
      alone.apply(event);
      whole.apply(event);
      history.add(agent, dayOf(JSON.parse(event).event.updated_at), alone);
    }
    const stale = history.stale().length;
    history.forget(agent, day);
    for (const base of history.stale()) history.renew(base);
    const left = new Fold();
    history.load(agent, day, left);
    whole.compact(beginOf(day));
    const isSame = String(left.saveAgent(agent)) === String(whole.saveAgent(agent));
    return Response.json({ stale, isSame });
  }
}
