// `agentfold serve` for tests: the real program, in a folder of its own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { webhook } from "agentfold";

import { folder, js, page, run } from "./package.js";

const repository = resolve(js, "..");
const SECRET = "only-zendesk-and-we-know";

/** Builds the command with the page in it, unless the environment names one that was, and returns its path. */
export function built() {
  if (process.env.AGENTFOLD) return process.env.AGENTFOLD;
  page();
  const build = () => run("cargo", ["build", "--quiet", "--locked", "--package", "agentfold-cli"], repository);
  try {
    build();
  } catch {
    // Another test may have built the page anew just while it was copied.
    build();
  }
  return join(repository, "target/debug/agentfold");
}

/** A server of account 2. */
export class Serving {
  #child;
  #folder;

  static async start(command, at = folder()) {
    const serving = new Serving();
    serving.#folder = at;
    serving.set("");
    const add = ["serve", "token", "add", "test", "--only", "2"];
    serving.token = execFileSync(command, add, { cwd: at, encoding: "utf8" }).trim();
    serving.#child = spawn(command, ["serve", "--address", "127.0.0.1:0", "--log", "warn"], { cwd: at, stdio: ["ignore", "ignore", "pipe"] });
    const lines = createInterface({ input: serving.#child.stderr });
    const [line] = await once(lines, "line");
    serving.url = new URL(/http:\S+/.exec(line)[0]);
    return serving;
  }

  /** Replaces the settings of the account, which the server reads again within seconds. */
  set(more) {
    writeFileSync(join(this.#folder, "agentfold.toml"), `[accounts.2]\nsecrets = ["${SECRET}"]\n${more}\n`);
  }

  /** Sends a delivery as Zendesk does, and returns the status. */
  async deliver(body) {
    const headers = { "x-zendesk-account-id": "2", ...webhook.sign(body, SECRET) };
    const reply = await fetch(new URL("/webhooks/zendesk", this.url), { method: "POST", body, headers });
    return reply.status;
  }

  async stop() {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}
