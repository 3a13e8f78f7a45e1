// Tests of the types of `receive`. Passes if tsc accepts it.
import { Fold, handlers, receive } from "agentfold";
import type { Answered } from "agentfold";
import { nodeHandler } from "agentfold/node";

export function textOf(answered: Answered): string {
  switch (answered.outcome) {
    case "applied":
    case "late":
    case "duplicate":
    case "expired":
    case "ignored":
    case "limit":
      return answered.event.kind;
    case "unreadable":
      return answered.issues.join();
    case "untrusted":
    case "too_large":
      return answered.flaws.map(({ code }) => code).join();
    case "not_stored":
      return String(answered.error);
    case "wrong_method":
      return answered.response.statusText;
  }
}

export async function used(request: Request, fold: Fold, stored: (bytes: Uint8Array) => Promise<void>) {
  await receive(request, { secrets: ["secret"], fold, tolerance_seconds: 60 });
  const apply = async (bytes: Uint8Array) => {
    await stored(bytes);
    return { outcome: "applied" as const };
  };
  const answered = await receive(request, { secrets: ["secret"], apply });
  await handlers({ changes: { state: ({ to }) => console.log(to) } })(answered);
  nodeHandler({ secrets: ["secret"], fold, answered: handlers({ events: { unknown: ({ event }) => event } }) });
  const { response, changes } = answered;
  // @ts-expect-error: `fold` and `apply` exclude each other
  await receive(request, { secrets: ["secret"], fold, apply });
  // @ts-expect-error: one of `fold` and `apply` is required
  await receive(request, { secrets: ["secret"] });
  return changes.length > 0 ? response : undefined;
}
