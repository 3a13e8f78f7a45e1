import { adviseWebhook, maxBytes, receiveWebhook } from "../dist/agentfold.js";
import { AgentfoldError } from "./error.js";

/** Handles a webhook delivery: verifies, parses and applies it, and returns the response. */
export async function receive(request, options) {
  checkOptions(options);
  checkRequest(request);
  const { secrets, fold, apply = (bytes) => fold.apply(bytes), ...policy } = options;
  if (request.method !== "POST") {
    const response = new Response(null, { status: 405, headers: { allow: "POST" } });
    return { response, outcome: "wrong_method", changes: [] };
  }
  let bytes, event;
  try {
    bytes = await body(request, maxBytes(policy));
    event = receiveWebhook(request.headers, bytes, secrets, policy);
  } catch (error) {
    // A mistake of the caller, not of the delivery.
    if (error?.code === "bad_argument") throw error;
    return error?.handled ? refused(error) : notStored(error);
  }
  try {
    const { outcome, changes = [], issues } = await apply(bytes, event);
    if (!outcome) throw new AgentfoldError("bad_argument", "/apply", "`apply` returned no `outcome`");
    const answered = { response: answer(outcome), outcome, changes };
    return outcome === "unreadable" ? { ...answered, issues } : { ...answered, event };
  } catch (error) {
    // So is this: the delivery would fail again.
    if (error?.code === "freed") throw error;
    return notStored(error);
  }
}

function checkOptions(options) {
  if (typeof options !== "object" || options === null) {
    throw new AgentfoldError("bad_argument", "/options", "expected options: `{ secrets, fold }` or `{ secrets, apply }`");
  }
  const { fold, apply } = options;
  if (typeof (apply ?? fold?.apply) === "function") return;
  const name = apply === undefined ? "fold" : "apply";
  throw new AgentfoldError("bad_argument", `/${name}`, "expected a `Fold` as `fold`, or a function as `apply`");
}

/** Throws for a request that no framework with the Fetch API passes: a mistake of the caller. */
function checkRequest(request) {
  if (typeof request?.headers?.get !== "function" || (request.body && !request.body.getReader)) {
    const message =
      "expected a `Request` of the Fetch API: with others, such as Express and Fastify, use `agentfold/node`";
    throw new AgentfoldError("bad_argument", "/request", message);
  }
  if (request.bodyUsed) {
    const message = "the body was read before: pass the request before anything else reads it, or a `clone()`";
    throw new AgentfoldError("bad_argument", "/request", message);
  }
}

function refused({ handled, code, path, message, issues }) {
  const answered = { response: answer(handled), outcome: handled, changes: [] };
  return handled === "unreadable" ? { ...answered, issues } : { ...answered, flaws: [{ code, path, message }] };
}

function notStored(error) {
  return { response: answer("not_stored"), outcome: "not_stored", changes: [], error };
}

/** Returns a response with a status only, so that it reveals nothing to the sender. */
function answer(handled) {
  return new Response(null, { status: adviseWebhook(handled) });
}

/** Returns the whole body. Stops reading after `most` bytes. */
async function body(request, most) {
  if (Number(request.headers.get("content-length")) > most) throw tooLarge(most);
  const chunks = [];
  let length = 0;
  if (request.body) {
    const reader = request.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > most) {
        // Not awaited: cancelling may take as long as the sender likes.
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
  const message = `the body is larger than ${most} bytes`;
  return new AgentfoldError("too_large", "/body", message, { handled: "too_large" });
}
