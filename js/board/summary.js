// Folds a file of events, and prints the floor as of an instant: `node board/summary.js FILE INSTANT`.
import { readFileSync } from "node:fs";

import { Fold } from "../src/inlined.js";

const [file, at] = process.argv.slice(2);
const fold = new Fold();
const begin = performance.now();
const { counts } = fold.read(readFileSync(file));
const time = Math.round(performance.now() - begin);
const { applied, late, duplicate } = counts;
console.log(`${applied + late + duplicate} events folded in ${time} ms: ${late} arrived late and ${duplicate} twice, which changes no answer.`);
console.log(`${fold.anomalies().length} signs of events that were lost.\n`);
console.log(`The floor as of ${at}:`);
const rows = fold.floor(at).map(({ account_id, channel, states, load, agents }) => [
  account_id,
  channel,
  states.map(({ agents, state }) => `${agents} ${state ?? "unknown"}`).join(", "),
  `${load} open`,
  `${agents.filter(({ accepting }) => accepting).length} can take one more`,
]);
const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
for (const row of rows) console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ")}`);
