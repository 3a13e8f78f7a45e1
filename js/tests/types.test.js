import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as api from "agentfold";

import { listed, types } from "./interface.js";
import { js, run, tool, vectors } from "./package.js";

const OF_STEPS = {
  state: "AgentState[]",
  state_at: "AgentState[]",
  anomalies: "Anomaly[]",
  intervals: "Interval[]",
  work_items: "WorkItemSpan[]",
  chat_spans: "ChatSpan[]",
  report: "ReportRow[]",
  adherence: "AdherenceRow[]",
  exceptions: "ExceptionRow[]",
  sessions: "SessionsRow[]",
  usual_event_times: "UsualTimes",
  corrections: "Correction[]",
  floor: "ChannelFloor[]",
  alerts: "Alert[]",
  reconcile: "Difference[]",
};

/** Adds the changes of the events of a vector, one for each aspect, part and type of the values. */
function addChanges(text, changes) {
  const fold = new api.Fold();
  for (const line of text.trim().split("\n")) {
    const { event } = JSON.parse(line).step ?? {};
    for (const change of event ? fold.apply(event).changes : []) {
      const { aspect, part, from, to } = change;
      changes.set([aspect, part, from === null, to === null].join(), change);
    }
  }
  fold.free();
}

function tsc(args) {
  try {
    return run(tool("tsc"), args, js);
  } catch (error) {
    return error.stdout;
  }
}

test("the types are those that are listed", () => {
  assert.equal(types(), readFileSync(listed, "utf8"), "run `make interface`, and say in the changelog what changed");
});

test("tsc accepts the programs that use the types", () => {
  assert.equal(tsc(["--project", "tsconfig.json"]), "");
});

test("the types do not use any", () => {
  const folders = ["src", "dist"].flatMap((folder) =>
    readdirSync(join(js, folder)).map((file) => join(js, folder, file)),
  );
  const types = folders.filter((file) => file.endsWith(".d.ts"));
  assert.ok(types.length > 5);
  for (const file of types) {
    const code = readFileSync(file, "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /\bany\b/, file);
  }
});

test("the expected answers of the vectors have the declared types", () => {
  const lines = ['import type * as agentfold from "agentfold";', "export const all = ["];
  const changes = new Map();
  let count = 0;
  const literal = (value, type) => {
    lines.push(`${JSON.stringify(value)} satisfies agentfold.${type},`);
    count += 1;
  };
  for (const [path, text] of Object.entries(vectors())) {
    if (/^(fold|measure|rest)\//.test(path)) {
      for (const line of text.trim().split("\n")) {
        const { step, expect } = JSON.parse(line);
        const type = OF_STEPS[step?.op];
        if (type && Array.isArray(expect)) literal(expect, type);
        if (step?.op === "episodes") literal(expect, "Episodes");
        if (step?.op === "alerts") literal(step.thresholds, "Thresholds");
        if (step?.form === "agentfold") literal(expect, "AlertMessage");
      }
      addChanges(text, changes);
    } else if (path.startsWith("names/")) {
      for (const { names } of JSON.parse(text)) if (names) literal(names, "Names");
    } else if (/^(read|check)\//.test(path)) {
      for (const { text: event, bytes, options, issues } of JSON.parse(text)) {
        // tsc refuses literals with unknown fields, and does not compare deeply nested types.
        if (bytes || event.includes("[[[[[[[[") || issues.some(({ code, severity }) => code === "unknown_field" || severity === "error")) continue;
        literal(api.parseEvent(event, options), "ParsedEvent");
      }
    }
  }
  literal([...changes.values()], "Change[]");
  assert.ok(changes.size > 30, `${changes.size} changes`);
  lines.push("];");
  assert.ok(count > 300, `${count} literals`);
  const folder = join(js, "tests/vectors-as-literals");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, "literals.ts"), lines.join("\n"));
    const tsconfig = { extends: "../../tsconfig.json", include: ["literals.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    assert.equal(tsc(["--project", folder]).slice(0, 2000), "");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every field of the types says what it is", () => {
  const lines = readFileSync(join(js, "../bindings/wasm/types.d.ts"), "utf8").split("\n");
  const fields = lines.flatMap((line, i) => (/^ +"?[\w.]+"?\??: /.test(line) ? [i] : []));
  assert.ok(fields.length > 300, `${fields.length} fields`);
  const without = fields.filter((i) => !lines[i - 1].trim().endsWith("*/"));
  assert.deepEqual(without.map((i) => lines[i]), []);
});

test("the types compile with the oldest and the newest libraries of TypeScript, and check them", () => {
  const folder = join(js, "tests/with-libraries");
  mkdirSync(folder, { recursive: true });
  try {
    const program = `import { Fold, exportEvents, parseEvent, readEvents, receive, webhook } from "agentfold";
      export const all = [exportEvents, readEvents, receive, webhook.verify(new Map<string, string>(), "", [])];
      new Fold().apply({ id: "a" });
      // @ts-expect-error: a promise is not data
      parseEvent(Promise.resolve("{}"));
      // @ts-expect-error: nor is a date
      new Fold().read(new Date());
      // @ts-expect-error: nor a map
      new Fold().apply(new Map());`;
    writeFileSync(join(folder, "program.ts"), program);
    const headers = 'import { webhook } from "agentfold"; webhook.verify(new Headers(), "", []);';
    writeFileSync(join(folder, "headers.ts"), headers);
    for (const [lib, include] of [
      [["es2022"], ["program.ts"]],
      [["es2022", "dom"], ["program.ts", "headers.ts"]],
      [["esnext", "dom", "dom.iterable"], ["program.ts", "headers.ts"]],
    ]) {
      const compilerOptions = { lib, skipLibCheck: false };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include }));
      assert.equal(tsc(["--project", folder]).slice(0, 2000), "", lib.join());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
