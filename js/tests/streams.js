// Checks that streams are taken into folds, in any runtime that imports this.

/**
 * Checks streams against the vectors. Returns the number of checks and the failures.
 *
 * @param api the result of `import * as api from "agentfold"`
 * @param vectors the text of each file, by path below tests/vectors
 */
export async function checkStreams(api, vectors) {
  const result = { held: 0, failures: [] };
  const hold = (name, answer, expected) => {
    result.held += 1;
    const [got, wanted] = [answer, expected].map((value) => JSON.stringify(value));
    if (got !== wanted) result.failures.push(`${name}: ${got?.slice(0, 500)} instead of ${wanted?.slice(0, 500)}`);
  };
  const streams = Object.entries(vectors).filter(([path]) => path.startsWith("streams/"));
  for (const { name, text, bytes, options } of streams.flatMap(([, file]) => JSON.parse(file))) {
    const input = bytes ? new Uint8Array(bytes) : new TextEncoder().encode(text);
    await taken(api, input, options, (what, ...answers) => hold(`${name}: ${what}`, ...answers));
  }
  await sources(api, hold);
  await wrong(api, hold);
  await pulled(api, hold);
  await trapped(api, hold);
  return result;
}

const ONLINE =
  '{"account_id":2,"agent_id":7,"field_name":"status","id":"a","timestamp":"2026-01-05T09:00:00Z","value":"online"}\n';
const AWAY = ONLINE.replace('"a"', '"b"').replace("09:00", "09:05").replace("online", "away");

/** A stream gives the same result, and the same fold, as its bytes. */
async function taken(api, input, options, hold) {
  const whole = new api.Fold(options);
  const read = whole.read(input);
  const { changes } = new api.Fold(options).read(input, { changes: true });
  const events = Object.values(read.counts).reduce((sum, count) => sum + count, 0);
  for (const size of [input.length + 1, 1]) {
    const [one, other] = [new api.Fold(options), new api.Fold(options)];
    hold(`in chunks of ${size}`, await one.readFrom(stream(input, size)), read);
    const [told, records] = [[], []];
    for await (const record of other.applyFrom(stream(input, size))) {
      told.push(...record.changes);
      records.push(record);
    }
    hold(`changes of chunks of ${size}`, told, changes);
    const unreadable = records.filter(({ outcome }) => outcome === "unreadable");
    hold(
      `unreadable in chunks of ${size}`,
      unreadable.map(({ line, offset, issues }) => ({ line, offset, issues })),
      read.unreadable.map(({ line, offset, issues }) => ({ line, offset, issues })),
    );
    const warnings = unreadable.filter(({ issues }) => issues[0].severity === "warning");
    hold(`records in chunks of ${size}`, records.length - warnings.length, events);
    for (const fold of [one, other]) {
      hold(`the fold of chunks of ${size}`, String(fold.save()), String(whole.save()));
      fold.free();
    }
  }
  whole.free();
}

/** All kinds of sources are taken. */
async function sources(api, hold) {
  const bytes = new TextEncoder().encode(ONLINE + AWAY);
  const all = {
    text: ONLINE + AWAY,
    bytes,
    buffer: bytes.buffer,
    "a view": new DataView(bytes.buffer),
    "texts": [ONLINE, AWAY],
    "a set": new Set([ONLINE, AWAY]),
    "a generator": (function* () {
      yield* [ONLINE, AWAY];
    })(),
    "a response's body": new Response(ONLINE + AWAY).body,
    "packed": new Response(ONLINE + AWAY).body.pipeThrough(new CompressionStream("gzip")),
  };
  for (const [name, source] of Object.entries(all)) {
    const fold = new api.Fold();
    const { counts } = await fold.readFrom(source);
    hold(`from ${name}`, [counts.applied, counts.unreadable], [2, 0]);
    fold.free();
  }
}

/** What is no source is refused, and errors of sources are passed on. */
async function wrong(api, hold) {
  const fold = new api.Fold();
  for (const source of [Promise.resolve(ONLINE), new Response(ONLINE), 7, {}, null, undefined, [7], [{}], [() => 1]]) {
    const refused = await failed(fold.readFrom(source));
    hold(`refused ${String(source)}`, [refused instanceof api.AgentfoldError, refused.code, refused.path], [true, "bad_argument", "/source"]);
    hold(`no changes of ${String(source)}`, (await failed(fold.applyFrom(source).next())).code, "bad_argument");
  }
  const torn = async function* () {
    yield ONLINE;
    throw new TypeError("the connection broke");
  };
  hold("a source that throws", String(await failed(fold.readFrom(torn()))), "TypeError: the connection broke");
  hold("what came before it", fold.read(ONLINE).counts.duplicate, 1);
  fold.free();
}

/** Chunks are asked for when those before were taken, and the fold can be asked and changed in between. */
async function pulled(api, hold) {
  const fold = new api.Fold();
  const asked = [];
  let cancelled = false;
  const source = () => {
    const chunks = [ONLINE, AWAY, ONLINE].map((text) => new TextEncoder().encode(text));
    return new ReadableStream(
      {
        pull(controller) {
          asked.push(fold.agents().length);
          if (chunks.length === 0) return controller.close();
          controller.enqueue(chunks.shift());
        },
        cancel() {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
  };
  const { counts } = await fold.readFrom(source());
  hold("asked while it is read", [asked, counts.applied, counts.duplicate], [[0, 1, 1, 1], 2, 1]);
  asked.length = 0;
  for await (const { outcome } of fold.applyFrom(source())) {
    hold("the first", [outcome, asked.length, fold.read(AWAY).counts.duplicate], ["duplicate", 1, 1]);
    break;
  }
  hold("the rest is not asked for", [asked.length, cancelled], [1, true]);
  // Only the results are of use, and nothing else refers to the fold.
  const outcomes = [];
  for await (const { outcome } of new api.Fold().applyFrom([ONLINE, AWAY])) outcomes.push(outcome);
  hold("of a fold without a name", outcomes, ["applied", "applied"]);
  const freed = new api.Fold();
  const reading = freed.readFrom([ONLINE]);
  freed.free();
  hold("freed meanwhile", (await reading).counts.applied, 1);
}

/** A reading ends where the module traps, and the next one succeeds. */
async function trapped(api, hold) {
  const trapping = async function* () {
    yield ONLINE;
    // 2 GiB: more than the module can take. A browser may refuse an ArrayBuffer of that size, but not a memory.
    const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 2 ** 15 }).buffer);
    if ((await failed(async () => new api.Fold().apply(bytes))).code === "trapped") yield AWAY;
  };
  hold("trapped meanwhile", (await failed(new api.Fold().readFrom(trapping()))).code, "trapped");
  hold("after it", (await new api.Fold().readFrom([ONLINE, AWAY])).counts.applied, 2);
}

function stream(bytes, size) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}

async function failed(tried) {
  try {
    await (typeof tried === "function" ? tried() : tried);
  } catch (error) {
    return error;
  }
  return new Error("nothing was thrown");
}
