/** What an account's object tells of itself. */
export interface Status {
  agents: number;
  events_to_save: number;
  stored_bytes: number;
  outcomes: Partial<Record<string, number>>;
  watching: number;
  messages: { waiting: number; dropped: number };
}

/** Returns the status in the text format of Prometheus. */
export function metrics({ agents, events_to_save, stored_bytes, outcomes, watching, messages }: Status): string {
  const metric = (name: string, type: string, help: string, value: number) => [
    `# HELP agentfold_${name} ${help}`,
    `# TYPE agentfold_${name} ${type}`,
    `agentfold_${name} ${value}`,
  ];
  const gauge = (name: string, help: string, value: number) => metric(name, "gauge", help, value);
  const deliveries = Object.entries(outcomes).map(
    ([outcome, count]) => `agentfold_deliveries_total{outcome="${outcome}"} ${count}`,
  );
  return [
    "# HELP agentfold_deliveries_total Deliveries since the object started, by outcome.",
    "# TYPE agentfold_deliveries_total counter",
    ...deliveries,
    ...gauge("agents", "Agents of which an event was accepted.", agents),
    ...gauge("events_to_save", "Events that are stored as received.", events_to_save),
    ...gauge("stored_bytes", "Bytes in the storage of the object.", stored_bytes),
    ...gauge("watching", "Open WebSockets.", watching),
    ...gauge("messages_waiting", "Messages about alerts that wait to be sent.", messages.waiting),
    ...metric("messages_dropped_total", "counter", "Messages about alerts that no receiver took.", messages.dropped),
    "",
  ].join("\n");
}
