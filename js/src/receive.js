import { adviseWebhook, receiveWebhook } from "../dist/agentfold.js";
import { AgentfoldError } from "./error.js";

/** As the core's reader has it, where nothing else is asked for. */
const MAX_BYTES = 1 << 20;

/** Answers a webhook's delivery: verified, read and applied. */
export async function receive(request, { secrets, fold, apply = fold && ((bytes) => fold.apply(bytes)), ...policy }) {
  if (!apply) throw new AgentfoldError("bad_argument", "/fold", "neither `fold` nor `apply` is given");
  if (request.method !== "POST") {
    const response = new Response(null, { status: 405, headers: { allow: "POST" } });
    return { response, outcome: "wrong_method", changes: [] };
  }
  let bytes, event;
  try {
    bytes = await body(request, policy.read?.max_bytes ?? MAX_BYTES);
    event = receiveWebhook(request.headers, bytes, secrets, policy);
  } catch (error) {
    // The caller's mistake, of which no delivery is to blame.
    if (error?.code === "bad_argument") throw error;
    return error?.handled ? refused(error) : notStored(error);
  }
  try {
    const { outcome, changes = [], issues } = await apply(bytes, event);
    const answered = { response: answer(outcome), outcome, changes };
    return outcome === "unreadable" ? { ...answered, issues } : { ...answered, event };
  } catch (error) {
    return notStored(error);
  }
}

function refused({ handled, code, path, message, issues }) {
  const answered = { response: answer(handled), outcome: handled, changes: [] };
  return handled === "unreadable" ? { ...answered, issues } : { ...answered, flaws: [{ code, path, message }] };
}

function notStored(error) {
  return { response: answer("not_stored"), outcome: "not_stored", changes: [], error };
}

/** A status alone: whoever sent this learns nothing else. */
function answer(handled) {
  return new Response(null, { status: adviseWebhook(handled) });
}

/** The whole body, of which no more is read than may be. */
async function body(request, most) {
  if (Number(request.headers.get("content-length")) > most) throw tooLarge(most);
  const chunks = [];
  let length = 0;
  if (request.body) {
    const reader = request.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > most) {
        // Nobody waits for the sender to agree.
        reader.cancel().catch(() => {});
        throw tooLarge(most);
      }
      chunks.push(read.value);
    }
  }
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}

function tooLarge(most) {
  const message = `the body has more than ${most} bytes`;
  return new AgentfoldError("too_large", "/body", message, { handled: "too_large" });
}
