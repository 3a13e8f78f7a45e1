// The Worker with a clock that is some days late.
import { env } from "cloudflare:workers";

import { Account as Real } from "../worker/src/account.ts";

export { default } from "../worker/src/index.ts";

const now = Date.now;
const late = Number(env.DAYS_LATE) * 86_400_000;
Date.now = () => now() - late;

export class Account extends Real {
  constructor(ctx, env) {
    const { storage } = ctx;
    const [setAlarm, getAlarm] = [storage.setAlarm.bind(storage), storage.getAlarm.bind(storage)];
    storage.setAlarm = (at) => setAlarm(at + late);
    storage.getAlarm = async () => {
      const at = await getAlarm();
      return at === null ? null : at - late;
    };
    super(ctx, env);
  }
}
