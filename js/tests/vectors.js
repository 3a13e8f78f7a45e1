// Checks the package against the conformance vectors in tests/vectors, in any runtime that imports this.
// `tests/README.md` describes their format.

/**
 * Checks the package against the vectors, and that it goes on after errors. Returns the number of checks and the
 * failures.
 *
 * @param api the result of `import * as api from "agentfold"`
 * @param vectors the text of each file, by path below tests/vectors
 */
export function check(api, vectors) {
  const suites = { buckets, check: events, documents, export: exported, fold, measure: fold, names, read: events, rest: fold };
  Object.assign(suites, { scrub, streams, webhook });
  const result = { held: 0, failures: [] };
  const holdAt = (path) => (name, answer, expected) => {
    result.held += 1;
    if (equal(answer, expected)) return;
    const [got, wanted] = [answer, expected].map((value) => JSON.stringify(value)?.slice(0, 500));
    result.failures.push(`${path}: ${name}: ${got} instead of ${wanted}`);
  };
  for (const [path, text] of Object.entries(vectors)) suites[path.split("/")[0]](api, text, holdAt(path), path);
  errors(api, holdAt("errors"));
  traps(api, holdAt("traps"));
  return result;
}

const STATUS =
  '{"account_id":2,"agent_id":7,"field_name":"status","id":"a","timestamp":"2026-01-05T09:00:00Z","value":"online"}';

/** No wrong argument makes an object unusable. */
function errors(api, hold) {
  const throwing = { get from() { throw new Error("a getter of the caller"); } };
  const fold = new api.Fold();
  fold.apply(STATUS);
  const records = new api.Records();
  for (const wrong of [Promise.resolve(), new Map(), new Date(), () => 1, Symbol("x"), 7n, throwing, new Proxy({}, { ownKeys: 1 })]) {
    const calls = {
      apply: () => fold.apply(wrong),
      read: () => fold.read(wrong),
      "read options": () => fold.read(STATUS, wrong),
      report: () => fold.report(wrong),
      reportRows: () => fold.reportRows(wrong),
      reportColumns: () => fold.reportColumns(wrong),
      intervals: () => fold.intervals({ account_id: "2", agent_id: "7" }, wrong),
      alerts: () => fold.alerts(wrong, "2026-01-05T09:00:00Z"),
      episodes: () => api.episodes([], wrong, "2026-01-05T09:00:00Z"),
      alertMessage: () => api.alertMessage(wrong, "began"),
      floor: () => fold.floor("2026-01-05T09:00:00Z", wrong),
      state: () => fold.state(wrong),
      merge: () => fold.merge(wrong),
      compact: () => fold.compact(wrong),
      restore: () => fold.restore(wrong),
      seed: () => fold.seed("2", wrong, "2026-01-05T09:00:00Z"),
      push: () => records.push(wrong),
      names: () => api.parseNames(wrong),
      options: () => new api.Fold(wrong).free(),
      verify: () => api.webhook.verify(wrong, STATUS, ["a secret of sixteen"]),
    };
    for (const [name, call] of Object.entries(calls)) {
      const thrown = orThrown(call);
      hold(`${name}: ${String(thrown)}`, thrown instanceof Error && !(thrown instanceof api.AgentfoldError), false);
    }
  }
  hold("the fold is as before", fold.read(STATUS).counts.duplicate, 1);
  hold("the records too", records.push(`${STATUS}\n`).length, 1);
  records.free();
  fold.free();
  hold("freed", orThrown(() => fold.agents()).code, "freed");
  hold("freed twice", orThrown(() => fold.free()).code, "freed");
}

/** After the module ran out of memory, its objects say so, and new ones can be made. */
function traps(api, hold) {
  // 2 GiB: more than the module can take. A browser may refuse an ArrayBuffer of that size, but not a memory.
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 2 ** 15 }).buffer);
  for (let time = 0; time < 2; time += 1) {
    const fold = new api.Fold();
    fold.apply(STATUS);
    const saved = fold.save();
    hold("a trap", orThrown(() => fold.apply(bytes)).code, "trapped");
    hold("its objects", orThrown(() => fold.agents()).code, "trapped");
    hold("another call", orThrown(() => api.parseEvent("{}")).code, "missing_field");
    const again = new api.Fold();
    again.restore(saved);
    hold("restored", again.read(STATUS).counts.duplicate, 1);
    hold("merged with a lost one", orThrown(() => again.merge(fold)).code, "trapped");
    fold.free();
    again.free();
  }
}

function buckets(api, text, hold) {
  for (const { name, every, tz, boundaries, from, to, error } of JSON.parse(text)) {
    const window = boundaries ? { from: boundaries[0], to: boundaries.at(-1) } : { from, to };
    const made = orThrown(() => api.buckets({ ...window, every, tz }));
    if (error) hold(name, made.code, error);
    else hold(name, made, { boundaries });
  }
}

function events(api, text, hold) {
  for (const expected of JSON.parse(text)) {
    const { name, options } = expected;
    const input = inputOf(expected);
    hold(`${name}: checked`, codes(api.checkEvent(input, options)), expected.issues);
    const parsed = orThrown(() => api.parseEvent(input, options));
    if (parsed instanceof api.AgentfoldError) {
      hold(`${name}: refused`, codes(parsed.issues), expected.issues);
      hold(`${name}: refused by`, { code: parsed.code, path: parsed.path }, first(expected.issues));
      continue;
    }
    hold(`${name}: agent`, parsed.agent, expected.agent);
    hold(`${name}: at`, parsed.at, expected.at);
    const printed = api.printEvent(input, options);
    if ("printed" in expected) hold(`${name}: printed`, printed, expected.printed);
    else hold(`${name}: printed`, JSON.parse(printed), expected.event);
    if (parsed.kind === "unknown") continue;
    const how = options && { instant: options.instant, now: options.now };
    // Objects lose duplicate keys and digits of large numbers.
    if (!/"(current|previous)":\d{16,}|"x":/.test(printed)) {
      hold(`${name}: from an object`, api.printEvent(parsed.event, how), printed);
    }
    hold(`${name}: from a CloudEvent`, api.printEvent(api.toCloudEvent(input, options), how), printed);
  }
}

function documents(api, text, hold) {
  const whole = orThrown(() => JSON.parse(text));
  const samples = whole instanceof Error ? text.trim().split("\n").map((line) => JSON.parse(line)) : [whole];
  const expected = samples.flatMap((sample) => sample.agent_events ?? [sample]);
  const records = new api.Records();
  const read = [...records.push(text), ...records.end()];
  records.free();
  hold("read", read.map((record) => JSON.parse(api.printEvent(record.event))), expected);
}

function names(api, text, hold) {
  for (const expected of JSON.parse(text)) {
    const { name, names, issues } = expected;
    const read = orThrown(() => api.parseNames(inputOf(expected)));
    if (issues) {
      hold(`${name}: refused`, codes(read.issues ?? []), issues);
      hold(`${name}: refused by`, { code: read.code, path: read.path }, first(issues));
      continue;
    }
    hold(name, read, names);
    hold(`${name}: again, from an object`, orThrown(() => api.parseNames(read)), names);
  }
}

function streams(api, text, hold) {
  for (const expected of JSON.parse(text)) {
    const input = bytesOf(inputOf(expected));
    for (const size of [input.length + 1, 1]) {
      const records = new api.Records(expected.options);
      const read = [];
      for (let at = 0; at < input.length; at += size) read.push(...records.push(input.subarray(at, at + size)));
      read.push(...records.end());
      records.free();
      hold(`${expected.name}: in chunks of ${size}`, read.map(recordOf), expected.records);
    }
    const fold = new api.Fold(expected.options);
    const { counts, unreadable } = fold.read(input);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const counted = expected.records.filter((it) => it.issues?.[0].severity !== "warning");
    hold(`${expected.name}: folded`, total, counted.length);
    hold(`${expected.name}: unreadable`, unreadable.map(recordOf), expected.records.filter((it) => it.issues));
    fold.free();
  }
}

function recordOf(record) {
  if (record.kind !== "unreadable") return { id: record.event.id ?? null };
  return { line: record.line, issues: codes(record.issues) };
}

function fold(api, text, hold) {
  const folds = { a: new api.Fold() };
  let current = "a";
  for (const line of text.trim().split("\n")) {
    const { step, expect } = JSON.parse(exact(line));
    if (expect === undefined) continue;
    current = step.fold ?? current;
    folds[current] ??= new api.Fold();
    const answer = orThrown(() => stepped(api, step, folds, current));
    const error = answer instanceof api.AgentfoldError && (answer.issues[0]?.code ?? answer.code);
    hold(JSON.stringify(step).slice(0, 200), error || answer, expect);
    if (step.op === "report" && Array.isArray(answer)) columns(folds[current], step, answer, hold);
  }
  for (const fold of Object.values(folds)) fold.free?.();
}

/** Turns numbers that JavaScript would round into text. In the vectors they are ids, which may be text. */
function exact(line) {
  return line.startsWith('{"step": {"event"') || line.startsWith('{"step":{"event"')
    ? line.replace(/([:,[]\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"')
    : line;
}

function stepped(api, step, folds, current) {
  const fold = folds[current];
  if (step.event) return fold.apply(step.event).outcome;
  const agents = fold.agents();
  switch (step.op) {
    case "state":
      return agents.map((agent) => fold.state(agent));
    case "state_at":
      return agents.map((agent) => fold.stateAt(agent, step.at)).filter((state) => state !== null);
    case "anomalies":
      return sorted(fold.anomalies());
    case "compact": {
      fold.compact(step.before);
      const restored = new api.Fold();
      restored.restore(fold.save());
      const same = equal([...restored.save()], [...fold.save()]);
      restored.free();
      return same ? null : "saved bytes differ";
    }
    case "merge":
      fold.merge((folds[step.merge] ??= new api.Fold()));
      return null;
    case "fold":
      return null;
    case "intervals":
      return fold.intervals(step, windowOf(step), step.track);
    case "work_items":
      return agents.flatMap((agent) => fold.workItems(agent, windowOf(step)));
    case "chat_spans":
      return agents.flatMap((agent) => fold.chatSpans(agent, windowOf(step)));
    case "report":
      return report(fold, step);
    case "adherence":
      return fold.adherence(step.schedule, step.as_of);
    case "corrections":
      return api.corrections(report((folds[step.of] ??= new api.Fold()), step), report(fold, step.after ?? step));
    case "exceptions":
      return fold.exceptions(step.schedule, step.as_of);
    case "schedule_warnings":
      return fold.scheduleWarnings(step.schedule).map(({ message: _, ...rest }) => rest);
    case "sessions":
      return fold.sessions({ boundaries: step.boundaries, as_of: step.as_of }, step.selection);
    case "usual_event_times":
      return fold.usualEventTimes();
    case "floor": {
      const { near_seconds, silent_seconds } = step;
      return fold.floor(step.at, { near_seconds, silent_seconds }, step.selection);
    }
    case "alerts":
      return fold.alerts(step.thresholds, step.at, step.selection);
    case "episodes": {
      const look = api.episodes(folds.told ?? [], fold.alerts(step.thresholds, step.at), step.at);
      folds.told = look.told;
      return look;
    }
    case "alert_message": {
      const { alert, turn, form, at, names } = step;
      return JSON.parse(api.alertMessage(alert, turn, { form, at, names }));
    }
    case "bad_thresholds":
      return orThrown(() => fold.alerts(step.thresholds, "2026-01-05T09:00:00Z")).issues.map(({ code, path }) => ({ code, path }));
    case "seed":
      return fold.seed(step.account_id, step.page, step.at).map((seeded) => seeded.outcome);
    case "reconcile":
      return fold.reconcile(step.account_id, step.page);
    default:
      return `no such step: ${step.op}`;
  }
}

function report(fold, { boundaries, as_of, by, selection }) {
  return fold.report({ boundaries, as_of }, by, selection);
}

/** The columns of a report say what its rows say. */
function columns(fold, { boundaries, as_of, by, selection }, rows, hold) {
  const batches = orThrown(() => [...fold.reportColumns({ boundaries, as_of }, by, selection)]);
  if (boundaries.some((at) => at < "1678" || at > "2261")) return hold("columns", batches.code, "bad_argument");
  for (const { row, length, columns } of batches) {
    const told = Array.from({ length }, (_, i) => ({ row, ...ofColumns(columns, i) }));
    hold(`columns of ${row}`, told, rows.filter((it) => it.row === row).map(asInColumns));
  }
  hold("rows in columns", batches.reduce((sum, { length }) => sum + length, 0), rows.length);
}

function ofColumns(columns, i) {
  const fields = Object.entries(columns).map(([name, column]) => {
    if (column instanceof BigInt64Array) {
      if (name === "from" || name === "to") return [name, String(column[i])];
      return [name, column[i] === -1n ? null : Number(column[i])];
    }
    if (column instanceof Float64Array) return [name, Number.isNaN(column[i]) ? null : column[i]];
    if (column.indices) return [name, column.values[column.indices[i]] ?? null];
    if (!column.offsets) return [name, ofColumns(column, i)];
    const items = [];
    for (let item = column.offsets[i]; item < column.offsets[i + 1]; item += 1) items.push(ofColumns(column.items, item));
    return [name, items];
  });
  return Object.fromEntries(fields);
}

/** Instants as nanoseconds, and durations that are too long as null. */
function asInColumns(data) {
  if (Array.isArray(data)) return data.map(asInColumns);
  if (typeof data !== "object" || data === null) return data;
  const fields = Object.entries(data).map(([name, value]) => {
    if (name === "from" || name === "to") {
      const fraction = value.slice(20, -1).padEnd(9, "0");
      return [name, String(BigInt(Date.parse(`${value.slice(0, 19)}Z`)) * 1_000_000n + BigInt(fraction))];
    }
    if (name === "ns" || name.endsWith("_ns")) return [name, value < 2 ** 63 ? value : null];
    return [name, asInColumns(value)];
  });
  return Object.fromEntries(fields);
}

function windowOf({ from, to, as_of }) {
  return { from, to, as_of };
}

function scrub(api, text, hold) {
  for (const { name, key, text: event, event: expected } of JSON.parse(text)) {
    const scrubber = new api.Scrubber(key);
    hold(name, JSON.parse(scrubber.scrub(event)), expected);
    scrubber.free();
  }
}

function exported(api, text, hold, path) {
  for (const expected of JSON.parse(text)) {
    if (path.includes("/cursor_")) conversation(api, expected, hold);
    else page(api, expected, hold);
  }
}

function page(api, { name, query, now, url, events, end, status, body }, hold) {
  const served = { url, now, end: end && { id: end.end_id, at: end.end_time } };
  const answer = api.answerExport(query, events, served);
  hold(name, { status: answer.status, body: JSON.parse(answer.body) }, { status, body });
}

function conversation(api, { name, cursor: { saved, ...options }, steps }, hold) {
  const host = "example.zendesk.com";
  let cursor = saved ? api.ExportCursor.from(saved) : new api.ExportCursor(options);
  for (const [i, { now, wait, refuse, request, reply, jitter = 0.5, expect }] of steps.entries()) {
    const step = orThrown(() => cursor.next(now));
    if (step instanceof Error) {
      hold(`${name}: ${i}`, { code: step.code, path: step.path }, refuse);
      continue;
    }
    if (step.step === "pause") {
      hold(`${name}: ${i}`, { reason: step.reason, seconds: step.seconds }, wait);
      continue;
    }
    const query = Object.fromEntries(new URLSearchParams(step.query));
    hold(`${name}: ${i}: request`, { path: step.path, query }, request);
    const { status, headers, body: json, text = JSON.stringify(json), padding = 0 } = reply;
    const body = text + " ".repeat(padding);
    const before = JSON.stringify(cursor);
    const taken = orThrown(() => cursor.take({ host, status, headers, body }, { now, jitter }));
    hold(`${name}: ${i}: taken`, takenOf(api, taken), expect);
    if (taken instanceof Error) hold(`${name}: ${i}: as before`, JSON.stringify(cursor), before);
    // Simulates a crash after each page: the cursor is restored from its saved form.
    if (taken.step === "page") cursor = api.ExportCursor.from(JSON.stringify(cursor));
  }
  cursor.free();
}

function takenOf(api, taken) {
  if (taken instanceof api.AgentfoldError) return { refusal: { code: taken.code, path: taken.path } };
  if (taken.step === "pause") return { pause: { reason: taken.reason, seconds: taken.seconds } };
  const ids = taken.events.map((event) => JSON.parse(event).id ?? null);
  const page = { ids, repeats: taken.repeats, is_last: taken.is_last };
  const notes = (list) => list.map(({ code, path }) => ({ code, path }));
  if (taken.apart.length > 0) page.apart = notes(taken.apart);
  if (taken.warnings.length > 0) page.warnings = notes(taken.warnings);
  return { page };
}

function webhook(api, text, hold) {
  for (const one of JSON.parse(text)) {
    const { name, options = {}, headers, secrets, now, trusted, flaw, explain, status } = one;
    const body = inputOf({ text: one.body, bytes: one.bytes });
    const { tolerance_seconds, account_id, max_bytes, for_tests } = options;
    const policy = { now, tolerance_seconds, account_id: account_id?.toString(), for_tests };
    if (max_bytes !== undefined) policy.read = { max_bytes };
    const delivery = [headers, body, secrets, policy];
    const verified = orThrown(() => api.webhook.verify(...delivery));
    const refused = verified instanceof api.AgentfoldError;
    hold(`${name}: trusted`, refused ? undefined : verified, trusted);
    hold(`${name}: flaw`, refused ? { code: verified.code, path: verified.path } : undefined, flaw);
    const explained = orThrown(() => api.webhook.explain(...delivery));
    const flaws = explained instanceof Error ? [explained] : explained;
    hold(`${name}: explained`, flaws.map(({ code }) => code), explain ?? []);
    // Vectors about refused secrets have no status.
    if (status === undefined) continue;
    const received = orThrown(() => api.webhook.receive(...delivery));
    const fold = new api.Fold();
    const handled = received instanceof Error ? received.handled : fold.apply(received.event).outcome;
    hold(`${name}: answered`, api.webhook.advise(handled), status);
    fold.free();
    if (refused) continue;
    const signed = api.webhook.sign(body, secrets[trusted.secret], trusted.at);
    hold(`${name}: signed`, api.webhook.verify(signed, body, secrets, { ...policy, account_id: undefined }), trusted);
  }
}

function inputOf({ text, bytes }) {
  return bytes ? new Uint8Array(bytes) : text;
}

function bytesOf(input) {
  return typeof input === "string" ? new TextEncoder().encode(input) : input;
}

/** Returns the issues without their messages, which are not part of the contract. */
function codes(issues) {
  return issues.map(({ code, path, severity }) => ({ code, path, severity }));
}

function first([{ code, path }]) {
  return { code, path };
}

function orThrown(call) {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

/** Sorts values by their JSON with sorted keys. */
function sorted(values) {
  const text = (value) =>
    JSON.stringify(value, (_, it) =>
      it && typeof it === "object" && !Array.isArray(it)
        ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
        : it,
    );
  return values.map((value) => [text(value), value]).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function equal(a, b) {
  if (a === b) return true;
  if (!a || !b || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}
