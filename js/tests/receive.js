// The tests of `receive` by name, which run in Node and in workerd.
import assert from "node:assert/strict";

const SECRET = "only-zendesk-and-we-know";
const URL = "https://receiver.example/zendesk";

export const event = `{"account_id":2,"detail":{"account_id":"2","agent_id":"9007199254740993","version":"1"},
  "event":{"updated_at":"2026-01-05T09:00:00.123456789Z","new_state":"online","channel":"support"},
  "id":"a","type":"zen:event-type:agent.state_changed"}`;

export const promises = ({ Fold, receive, webhook }) => {
  const post = (body, headers = webhook.sign(body, SECRET), more = {}) =>
    new Request(URL, { method: "POST", body, headers, ...more });
  const options = (more) => ({ secrets: [SECRET], fold: new Fold(), ...more });
  /** Returns the status, after checking that the body is empty. */
  const status = async ({ response }) => {
    assert.equal(await response.text(), "");
    return response.status;
  };
  /** Returns a body of unknown length, and counts the chunks that are read. */
  const stream = (chunks) => {
    const sent = { body: undefined, chunks: 0, cancelled: false };
    sent.body = new ReadableStream(
      {
        pull(controller) {
          if (sent.chunks === chunks.length) return controller.close();
          controller.enqueue(chunks[sent.chunks++]);
        },
        cancel() {
          sent.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return sent;
  };
  const streamed = (body, headers) => post(body, headers, { duplex: "half" });

  return {
    "a delivery is applied and returns its changes": async () => {
      const with_ = options();
      const answered = await receive(post(event), with_);
      assert.equal(await status(answered), 200);
      assert.equal(answered.outcome, "applied");
      assert.equal(answered.event.kind, "agent.state_changed");
      assert.deepEqual(
        answered.changes.map(({ agent_id, track }) => [agent_id, track]).at(-1),
        ["9007199254740993", "channel[support]"],
      );
      const again = await receive(post(event), with_);
      assert.equal(await status(again), 200);
      assert.deepEqual([again.outcome, again.changes], ["duplicate", []]);
    },
    "a body may arrive in chunks of any size": async () => {
      const bytes = new TextEncoder().encode(event);
      const chunks = [bytes.slice(0, 1), bytes.slice(1, 100), bytes.slice(100)];
      const answered = await receive(streamed(stream(chunks).body, webhook.sign(event, SECRET)), options());
      assert.equal(answered.outcome, "applied");
    },
    "an error names the option that the caller wrote": async () => {
      for (const [more, path] of [
        [{ secret: SECRET }, "/secret"],
        [{ tolerance: 7 }, "/tolerance"],
        [{ tolerance_seconds: "7" }, "/tolerance_seconds"],
        [{ read: { max_byts: 7 } }, "/read/max_byts"],
        [{ secrets: SECRET }, "/secrets"],
      ]) {
        await assert.rejects(receive(post(event), options(more)), { code: "bad_argument", path });
      }
      await assert.rejects(receive(post(event), { ...options(), secret: SECRET }), { message: /did you mean `secrets`/ });
    },
    "an error that is not about the delivery lets Zendesk send it again": async () => {
      assert.equal(webhook.advise(new Error("no disk").handled), 409);
    },
    "an unknown event type is answered with 200": async () => {
      const unknown = event.replace("state_changed", "was_promoted");
      const answered = await receive(post(unknown), options());
      assert.deepEqual([await status(answered), answered.outcome], [200, "ignored"]);
    },
    "a method other than POST is answered with 405": async () => {
      for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
        const answered = await receive(new Request(URL, { method }), options());
        assert.equal(answered.outcome, "wrong_method");
        assert.equal(await status(answered), 405);
        assert.equal(answered.response.headers.get("allow"), "POST");
      }
    },
    "an unsigned or wrongly signed delivery is answered with 401 and no reason": async () => {
      const codes = { missing_header: {}, wrong_signature: webhook.sign(event, "somebody-else") };
      for (const [code, headers] of Object.entries(codes)) {
        const with_ = options();
        const answered = await receive(post(event, headers), with_);
        assert.deepEqual([await status(answered), answered.outcome], [401, "untrusted"]);
        assert.deepEqual(answered.flaws.map((flaw) => flaw.code), [code]);
        assert.deepEqual([...answered.response.headers], []);
        assert.deepEqual(with_.fold.agents(), []);
      }
    },
    "deliveries are refused without a secret and with a public one": async () => {
      for (const [code, secrets] of [["no_secret", []], ["empty_secret", [""]]]) {
        const answered = await receive(post(event), options({ secrets }));
        assert.deepEqual([answered.outcome, answered.flaws[0].code], ["untrusted", code]);
      }
    },
    "a request of another framework, or whose body was read, throws": async () => {
      const read = post(event);
      await read.text();
      const express = { method: "POST", headers: webhook.sign(event, SECRET), body: JSON.parse(event) };
      const parsed = { ...express, headers: new Headers(express.headers) };
      for (const wrong of [read, express, parsed, undefined, {}]) {
        await assert.rejects(receive(wrong, options()), { code: "bad_argument", path: "/request" });
      }
    },
    "an old secret is accepted next to a new one": async () => {
      const answered = await receive(post(event), options({ secrets: ["the-new-one", SECRET] }));
      assert.deepEqual([answered.outcome, answered.event.signed.secret], ["applied", 1]);
    },
    "the policy is applied": async () => {
      const other = await receive(post(event), options({ account_id: "3" }));
      assert.equal(other.flaws[0].code, "wrong_account");
      const signed = webhook.sign(event, SECRET, "2026-01-05T09:00:00Z");
      const stale = await receive(post(event, signed), options());
      assert.equal(stale.flaws[0].code, "stale");
      const then = await receive(post(event, signed), options({ now: "2026-01-05T09:04:00Z" }));
      assert.equal(then.outcome, "applied");
    },
    "a signed body that is not an event is answered with 400": async () => {
      for (const body of ["", "{}", "null", "no JSON"]) {
        const answered = await receive(post(body), options());
        assert.deepEqual([await status(answered), answered.outcome], [400, "unreadable"], body);
        assert.ok(answered.issues.length > 0);
      }
    },
    "a body with a content-length above the limit is not read": async () => {
      const sent = stream([new Uint8Array(2000)]);
      const request = streamed(sent.body, {});
      const headers = new Headers({ "content-length": "2000" });
      const claimed = { method: "POST", headers, body: request.body };
      const answered = await receive(claimed, options({ read: { max_bytes: 1000 } }));
      assert.deepEqual([await status(answered), answered.outcome], [413, "too_large"]);
      assert.equal(answered.flaws[0].code, "too_large");
      assert.equal(sent.chunks, 0);
    },
    "reading a body stops at the limit": async () => {
      const sent = stream(Array.from({ length: 100 }, () => new Uint8Array(400)));
      const answered = await receive(streamed(sent.body, {}), options({ read: { max_bytes: 1000 } }));
      assert.deepEqual([await status(answered), answered.outcome], [413, "too_large"]);
      assert.ok(sent.chunks <= 4 && sent.cancelled, `${sent.chunks} chunks`);
    },
    "a body of 1 MiB is read, and one byte more is refused": async () => {
      const padded = event + " ".repeat((1 << 20) - event.length);
      assert.equal((await receive(post(padded), options())).outcome, "applied");
      assert.equal((await receive(post(`${padded} `), options())).outcome, "too_large");
    },
    "`apply` receives the bytes as sent, and its outcome decides the status": async () => {
      const stored = [];
      const apply = async (bytes, { agent }) => {
        await Promise.resolve();
        stored.push([new TextDecoder().decode(bytes), agent]);
        return { outcome: "applied" };
      };
      const answered = await receive(post(event), { secrets: [SECRET], apply });
      assert.deepEqual([await status(answered), answered.outcome, answered.changes], [200, "applied", []]);
      assert.deepEqual(stored, [[event, { account_id: "2", agent_id: "9007199254740993" }]]);
    },
    "a delivery that was not stored is answered with 409 for any reason": async () => {
      const error = new Error("the disk is full");
      const failing = [
        () => Promise.reject(error),
        () => {
          throw error;
        },
      ];
      for (const apply of failing) {
        const answered = await receive(post(event), { secrets: [SECRET], apply });
        assert.deepEqual([await status(answered), answered.outcome], [409, "not_stored"]);
        assert.equal(answered.error, error);
      }
      for (const nothing of [undefined, {}, { outcome: null }, { outcome: "stored" }]) {
        const answered = await receive(post(event), { secrets: [SECRET], apply: () => nothing });
        assert.deepEqual([await status(answered), answered.outcome], [409, "not_stored"]);
      }
    },
    "an incomplete body is answered with 409": async () => {
      for (const reason of [new Error("reset"), undefined]) {
        const body = new ReadableStream({ pull: (controller) => controller.error(reason) });
        const answered = await receive(streamed(body, {}), options());
        assert.deepEqual([await status(answered), answered.outcome], [409, "not_stored"]);
      }
    },
    "a mistake of the caller throws": async () => {
      const { fold } = options();
      for (const wrong of [{ secrets: [SECRET] }, { secrets: SECRET, fold }, { secrets: [SECRET], fold, tolerance: 3 }]) {
        await assert.rejects(receive(post(event), wrong), { name: "AgentfoldError", code: "bad_argument" });
      }
      for (const [wrong, path] of [
        [undefined, "/options"],
        [null, "/options"],
        [{ secrets: [SECRET], fold: {} }, "/fold"],
        [{ secrets: [SECRET], fold: null }, "/fold"],
        [{ secrets: [SECRET], apply: fold }, "/apply"],
      ]) {
        const sent = stream([new TextEncoder().encode(event)]);
        const request = streamed(sent.body, webhook.sign(event, SECRET));
        await assert.rejects(receive(request, wrong), { name: "AgentfoldError", code: "bad_argument", path });
        assert.equal(sent.chunks, 0);
      }
      fold.free();
      await assert.rejects(receive(post(event), { secrets: [SECRET], fold }), { name: "AgentfoldError", code: "freed" });
    },
  };
};
