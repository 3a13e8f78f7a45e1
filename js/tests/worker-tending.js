// The Worker with an object of account 2 whose first alerts trap, and which then fails to restore its memory.
import { AgentfoldError } from "agentfold";

import { Account as Real } from "../worker/src/account.ts";

export { default } from "../worker/src/index.ts";

let failures = 2;

export class Account extends Real {
  async tend(access) {
    const { id, storage } = this.ctx;
    const transactionSync = storage.transactionSync.bind(storage);
    storage.transactionSync = (change) => {
      if (id.name === "2" && failures > 0) throw new AgentfoldError("trapped", "", `failure ${failures--}`);
      return transactionSync(change);
    };
    await super.tend(access);
  }
}
