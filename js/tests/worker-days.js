// The Worker with a clock that is some days late.
import { env } from "cloudflare:workers";

export { default } from "../worker/src/index.ts";
export { Account } from "../worker/src/account.ts";

const now = Date.now;
Date.now = () => now() - Number(env.DAYS_LATE) * 86_400_000;
