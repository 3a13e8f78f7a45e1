// A receiver of webhooks as a skilled user would write it, for `make load`: `node receiver.js FILE PORT SECRET each|grouped`.
//
// It verifies the signature and its age, parses the body, recognises repeats by their id, stores the event before it
// answers, and keeps the latest event of each agent and kind. `each` delivery has a transaction of its own, or those that arrived
// together share one. It keeps no history, and answers no questions.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { argv } from "node:process";

import Database from "better-sqlite3";

const [file, port, secret, commit] = argv.slice(2);
const TOLERANCE_MS = 300_000;
const LARGEST = 1 << 20;
const last = new Map();

const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, account_id TEXT, agent_id TEXT, body TEXT) WITHOUT ROWID");
const insert = database.prepare("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?)");
const insertAll = database.transaction((all) => {
  for (const { row } of all) insert.run(row);
});

let waiting = [];

function flush() {
  const all = waiting;
  waiting = [];
  let status = 200;
  try {
    insertAll(all);
  } catch (error) {
    console.error(error);
    status = 409;
  }
  for (const { event, response } of all) {
    if (status === 200) keep(event);
    response.writeHead(status).end();
  }
}

function keep(event) {
  const { agent_id } = event.detail;
  last.set(`${agent_id} ${event.type} ${event.event.channel} ${event.event.work_item_id}`, event.event);
}

function isSigned(headers, body) {
  const timestamp = headers["x-zendesk-webhook-signature-timestamp"] ?? "";
  const given = Buffer.from(headers["x-zendesk-webhook-signature"] ?? "", "base64");
  const expected = createHmac("sha256", secret).update(timestamp).update(body).digest();
  const isFresh = Math.abs(Date.now() - Date.parse(timestamp)) <= TOLERANCE_MS;
  return isFresh && given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer((request, response) => {
  if (request.method !== "POST") return response.writeHead(404).end();
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size > LARGEST) request.destroy();
    else parts.push(part);
  });
  request.on("end", () => {
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (!isSigned(request.headers, body)) return response.writeHead(401).end();
    const text = body.toString();
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      return response.writeHead(400).end();
    }
    const row = [event.id, String(event.account_id), event.detail.agent_id, text];
    if (waiting.push({ row, event, response }) > 1) return;
    if (commit === "grouped") setImmediate(flush);
    else flush();
  });
});
server.listen(Number(port), "127.0.0.1");
