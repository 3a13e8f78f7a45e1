// Sends deliveries as Zendesk does, signed with the secret in .dev.vars: a new agent goes online now.
// `npm run deliver`, or `npm run deliver -- URL` if the Worker is not at http://localhost:8787
import { randomInt, randomUUID } from "node:crypto";

import { webhook } from "agentfold";

const [url = "http://localhost:8787"] = process.argv.slice(2);
const [[account, { secrets }]] = Object.entries(JSON.parse(process.env.AGENTFOLD_ACCOUNTS));
const agent = String(randomInt(10_000, 100_000));
const at = new Date().toISOString();
const happened = [
  ["unified_state_changed", { new_unified_state: { id: "1", name: "online" } }],
  ["state_changed", { channel: "messaging", new_state: "online" }],
  ["max_capacity_changed", { maxCapacity: { messaging: { current: 3 } } }],
  ["work_item_added", { channel: "messaging", work_item_id: randomUUID(), reason: "ASSIGNED" }],
];

for (const [i, [type, event]] of happened.entries()) {
  const body = JSON.stringify({
    account_id: Number(account),
    detail: { account_id: account, agent_id: agent, version: String(i + 1) },
    event: { updated_at: at, ...event },
    id: randomUUID(),
    subject: `zen:agent:${agent}`,
    time: at,
    type: `zen:event-type:agent.${type}`,
    zendesk_event_version: "2022-11-06",
  });
  const headers = { "content-type": "application/json", "x-zendesk-account-id": account, ...webhook.sign(body, secrets[0]) };
  const { status } = await fetch(new URL("/zendesk", url), { method: "POST", body, headers });
  console.log(`agent ${agent}: ${type}: ${status}`);
  if (status !== 200) process.exitCode = 1;
}
