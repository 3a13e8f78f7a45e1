// The Worker of worker-days.js with an object that ends when it writes to the bucket for the first time.
import { Account as Real } from "./worker-days.js";

export { default } from "./worker-days.js";

let puts = 0;

export class Account extends Real {
  constructor(ctx, env) {
    const put = (key, bytes) => {
      puts += 1;
      if (puts === 1) ctx.abort("while it wrote to the bucket");
      return env.ARCHIVE.put(key, bytes);
    };
    super(ctx, { ...env, ARCHIVE: { put } });
  }
}
