#!/usr/bin/env node
// Makes a folder with a Worker. `npm create agentfold-worker FOLDER`
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const HELP = `Usage: npm create agentfold-worker FOLDER

Makes a folder with a Cloudflare Worker that receives Zendesk's agent events, keeps them, answers questions about
them, and serves a page that shows the floor. The folder's name is also the Worker's name. README.md in the folder
leads to a running Worker.

Options:
  -h, --help     print this help
  -v, --version  print the version
`;
/** The account of the local trial. */
const ACCOUNT = "10000345";
/** The name of a Worker is a part of its host. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const { values, positionals } = given();
if (values.help) print(HELP);
else if (values.version) print(`${JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8")).version}\n`);
else if (positionals.length !== 1) fail(`Name one folder.\n\n${HELP}`);
else create(positionals[0]);

function given() {
  const options = { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return fail(`${error.message}\n\n${HELP}`);
  }
}

function create(path) {
  const folder = resolve(path);
  const name = basename(folder);
  if (!NAME.test(name)) {
    fail(`The name of the folder is also the Worker's: use at most 63 of a-z, 0-9 and -, with no - at its ends.\n`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) fail(`${path} is not empty: name a new folder.\n`);
    fill(folder, name);
  } catch (error) {
    fail(`Could not make ${path}: ${error.message}\n`);
  }
  print(`Made ${path}. Try it on this machine:

  cd ${path}
  npm install
  npm run dev        serves http://localhost:8787
  npm run deliver    in a second terminal: an agent goes online

On the page, press Connect, and enter the account ${ACCOUNT} and the token in .dev.vars.
README.md says how to deploy it and how to connect Zendesk.
`);
}

function fill(folder, name) {
  cpSync(join(import.meta.dirname, "dist"), folder, { recursive: true });
  // npm leaves files named .gitignore out of packages.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  for (const file of ["package.json", "wrangler.jsonc"]) {
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), text.replace('"name": "my-floor"', `"name": "${name}"`));
  }
  const access = { [ACCOUNT]: { secrets: [random()], tokens: [random()] } };
  const trial = `# Secrets of the local trial. They are not deployed.\nAGENTFOLD_ACCOUNTS='${JSON.stringify(access)}'\n`;
  writeFileSync(join(folder, ".dev.vars"), trial, { mode: 0o600 });
}

function random() {
  return randomBytes(32).toString("hex");
}

function print(text) {
  process.stdout.write(text);
}

function fail(text) {
  process.stderr.write(text);
  process.exit(1);
}
