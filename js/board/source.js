// The source of events: local files, the sample day, or the server of this page. Names can come beside events.
import { address } from "./address.js";
import { byId, element } from "./element.js";
import { number } from "./format.js";
import { ask, on } from "./thread.js";

const SAMPLE = "Sample day, simulated";

const words = {
  connecting: "Connecting …",
  live: "Live",
  reconnecting: "Reconnecting …",
};

/** What the address holds of a source, when another is opened. */
const NONE = { source: null, name: null, file: null, account: null, at: null, agent: null };

/**
 * Sets up all sources. Calls `began` when a source replaces the previous one, with whether the address already
 * belongs to it, and `named` with names of agents and groups.
 */
export function source({ began, named }) {
  let opened = 0;
  let current;

  async function open(files) {
    const events = [];
    const names = { agents: {}, groups: {} };
    for (const file of files) {
      const found = await ask("names", { file });
      if (!found) events.push(file);
      Object.assign(names.agents, found?.agents);
      Object.assign(names.groups, found?.groups);
    }
    named(names);
    if (events.length === 0) return note(names);
    const [{ name }, ...others] = events;
    const title = others.length === 0 ? name : `${name} and ${number(others.length)} more`;
    return read(events, title, { ...NONE, source: "file", name: title });
  }

  /** Folds files. `place` is the source as the address holds it. */
  async function read(files, title, place) {
    const mine = begin(place);
    sessionStorage.removeItem("server");
    byId("loading").hidden = false;
    byId("loading-text").textContent = `Reading ${title}`;
    byId("progress").value = 0;
    try {
      const answer = await ask("files", { files });
      if (mine !== opened) return;
      tell({ ...answer, name: title });
      if (!answer.heard) refuse(`${title} contains no events.`);
    } catch (error) {
      if (mine === opened) refuse(`${title} can't be read: ${error.message}`);
    } finally {
      if (mine === opened) byId("loading").hidden = true;
    }
  }

  async function openSample() {
    clear();
    const place = { ...NONE, source: "sample" };
    try {
      const [events, names] = await Promise.all([fetched("sample.fold.gz"), fetched("sample-names.json")]);
      named(await ask("names", { file: names }));
      await read([events], SAMPLE, place);
    } catch (error) {
      refuse(`The sample can't be fetched: ${error.message}`);
    }
  }

  /** Opens the file in the query, from the server of this page: the policy allows no other server. */
  async function openNamed(name) {
    clear();
    try {
      // The file stays where it is in the address.
      const { file, ...place } = NONE;
      await read([await fetched(name)], name, place);
    } catch (error) {
      refuse(`${name} can't be fetched: ${error.message}`);
    }
  }

  async function connect(server) {
    const mine = begin({ ...NONE, source: "server", account: server.account });
    try {
      const { connection } = await ask("server", server);
      if (mine !== opened || connection !== "refused") return;
      sessionStorage.removeItem("server");
      show("", "");
      refuse("The server refused this account and token.");
      form();
    } catch (error) {
      if (mine === opened) refuse(error.message);
    }
  }

  function form() {
    if (address.get("source") === "server") byId("server-account").value = address.get("account");
    byId("server").showModal();
    if (byId("server-account").value) byId("server-token").focus();
  }

  /** Begins a source. Settings that belong to the previous one leave the address. */
  function begin(place) {
    const before = key();
    const isSame = before === "" || before === key(place);
    // The settings of an address that is opened again are kept.
    const { at, agent, account, ...kept } = place;
    address.set(isSame ? { ...kept, ...(account && { account }) } : place);
    current = key();
    clear();
    began(isSame);
    return ++opened;
  }

  /** Says why there is nothing to show, and again what can be opened. */
  function refuse(text) {
    fail(text);
    byId("welcome").hidden = false;
  }

  function note({ agents, groups }) {
    const [some, more] = [agents, groups].map((all) => number(Object.keys(all).length));
    byId("note").textContent = `Names of agents: ${some}, of groups: ${more}.${byId("views").hidden ? " Open a file of events to see them." : ""}`;
    byId("note").hidden = false;
  }

  /** Opens the source in the address. */
  function restore() {
    current = key();
    const kind = address.get("source");
    const file = address.get("file");
    const saved = given() ?? JSON.parse(sessionStorage.getItem("server"));
    if (kind === "sample") openSample();
    else if (kind === "file") again(address.get("name"));
    else if (kind === "server" && saved?.account !== address.get("account")) form();
    else if (file && kind !== "server") openNamed(file);
    else if (saved) connect(saved);
  }

  /** Takes a token out of the address, as `agentfold demo` prints it. */
  function given() {
    const server = { account: address.get("account"), token: address.get("token") };
    if (!server.token) return null;
    address.set({ token: null });
    byId("server").close();
    sessionStorage.setItem("server", JSON.stringify(server));
    return server;
  }

  /** A browser opens no local file by itself, so the page asks for it. */
  function again(name) {
    byId("again").textContent = `Open ${name} again to see this view: a page can't open a file of yours by itself.`;
    byId("again").hidden = false;
  }

  address.onMove(() => {
    if (key() === current && !address.get("token")) return;
    opened += 1;
    ask("close");
    clear();
    began(true);
    byId("welcome").hidden = false;
    restore();
  });

  on("progress", ({ bytes, size, events }) => {
    byId("progress").value = size > 0 ? bytes / size : 1;
    byId("loading-text").textContent = `Reading: ${number(events)} events`;
  });
  on("failed", ({ message }) => fail(message));
  on("connection", ({ connection }) => show(words[connection] ?? "", connection));
  on("names", ({ answer }) => answer && named(answer));

  byId("file").onchange = async ({ target }) => {
    const files = [...target.files];
    // Choosing the same file again counts as a change.
    target.value = "";
    if (files.length > 0) open(files);
  };
  for (const id of ["open", "open-here"]) byId(id).onclick = () => byId("file").click();
  for (const id of ["connect", "connect-here"]) byId(id).onclick = form;
  byId("sample").onclick = openSample;
  byId("server-cancel").onclick = () => byId("server").close();
  byId("server-form").onsubmit = (event) => {
    event.preventDefault();
    const server = { account: byId("server-account").value.trim(), token: byId("server-token").value };
    byId("server-token").value = "";
    byId("server").close();
    sessionStorage.setItem("server", JSON.stringify(server));
    connect(server);
  };

  document.ondragover = (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  };
  document.ondragleave = ({ relatedTarget }) => relatedTarget ?? document.body.classList.remove("dragging");
  document.ondrop = (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    const files = [...event.dataTransfer.files];
    if (files.length > 0) open(files);
  };

  restore();
}

/** Returns the source in the address, or in settings, as one text; empty if there is none. */
function key(place) {
  const get = (name) => (place && name in place ? place[name] : address.get(name));
  const account = get("source") === "server" ? get("account") : null;
  return [get("source"), get("name"), get("file"), account].join(" ").trim();
}

async function fetched(name) {
  const got = await fetch(name);
  if (!got.ok) throw new Error(`the server returned ${got.status}`);
  return new File([await got.blob()], name);
}

function clear() {
  for (const id of ["welcome", "problem", "unreadable", "again", "note"]) byId(id).hidden = true;
  show("", "");
}

function show(text, connection) {
  byId("source").textContent = text;
  byId("source").dataset.connection = connection;
}

/** Shows an error until the next action. */
export function fail(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = false;
}

/** Shows what was read and which records could not be read. */
function tell({ name, events, unreadable, first }) {
  show(events > 0 ? `${name}: ${number(events)} events` : name, "file");
  byId("unreadable").hidden = unreadable === 0;
  if (unreadable === 0) return;
  const [summary, list] = byId("unreadable").children;
  summary.textContent = unreadable === 1 ? "1 record could not be read" : `${number(unreadable)} records could not be read`;
  const lines = first.map(({ file, line, code, message }) =>
    element("li", {}, `${file ? `${file}, ` : ""}line ${number(line)}: `, element("code", { textContent: code }), ` ${message}`),
  );
  const rest = unreadable - first.length;
  list.replaceChildren(...lines, rest > 0 ? element("li", { textContent: `and ${number(rest)} more` }) : "");
}
