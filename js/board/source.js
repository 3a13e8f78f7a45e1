// The source of events: a local file, or the server of this page.
import { byId, element } from "./element.js";
import { number } from "./format.js";
import { ask, on } from "./thread.js";

const words = {
  connecting: "Connecting …",
  live: "Live",
  reconnecting: "Reconnecting …",
};

/** Sets up both sources. Calls `began` when a source replaces the previous one. */
export function source({ began }) {
  let opened = 0;

  async function open(file) {
    if (!file) return;
    const mine = ++opened;
    sessionStorage.removeItem("server");
    began();
    clear();
    byId("loading").hidden = false;
    byId("loading-text").textContent = `Reading ${file.name}`;
    byId("progress").value = 0;
    try {
      const read = await ask("file", { file });
      if (mine !== opened) return;
      tell(read);
    } catch (error) {
      if (mine === opened) fail(`${file.name} can't be read: ${error.message}`);
    } finally {
      if (mine === opened) byId("loading").hidden = true;
    }
  }

  async function connect(server) {
    const mine = ++opened;
    began();
    clear();
    try {
      const { connection } = await ask("server", server);
      if (mine !== opened || connection !== "refused") return;
      sessionStorage.removeItem("server");
      show("", "");
      fail("The server refused this account and token.");
      form();
    } catch (error) {
      if (mine === opened) fail(error.message);
    }
  }

  function form() {
    byId("server").showModal();
  }

  on("progress", ({ bytes, size, events }) => {
    byId("progress").value = size > 0 ? bytes / size : 1;
    byId("loading-text").textContent = `Reading: ${number(events)} events`;
  });
  on("failed", ({ message }) => fail(message));
  on("connection", ({ connection }) => show(words[connection] ?? "", connection));

  byId("file").onchange = ({ target }) => {
    open(target.files[0]);
    // Choosing the same file again counts as a change.
    target.value = "";
  };
  for (const id of ["open", "open-here"]) byId(id).onclick = () => byId("file").click();
  for (const id of ["connect", "connect-here"]) byId(id).onclick = form;
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
    open(event.dataTransfer.files[0]);
  };

  const saved = sessionStorage.getItem("server");
  const named = new URLSearchParams(location.search).get("file");
  if (saved) connect(JSON.parse(saved));
  else if (named) openNamed(named);

  /** Opens the file that the URL names, from the server of this page: the policy allows no other server. */
  async function openNamed(name) {
    clear();
    try {
      const got = await fetch(name);
      if (!got.ok) throw new Error(`the server returned ${got.status}`);
      await open(new File([await got.blob()], name));
    } catch (error) {
      fail(`${name} can't be fetched: ${error.message}`);
    }
  }
}

function clear() {
  byId("welcome").hidden = true;
  byId("problem").hidden = true;
  byId("unreadable").hidden = true;
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
function tell({ name, events, unreadable, first, heard }) {
  if (!heard) fail(`${name} contains no events.`);
  show(events > 0 ? `${name}: ${number(events)} events` : name, "file");
  byId("unreadable").hidden = unreadable === 0;
  if (unreadable === 0) return;
  const [summary, list] = byId("unreadable").children;
  summary.textContent = unreadable === 1 ? "1 record could not be read" : `${number(unreadable)} records could not be read`;
  const lines = first.map(({ line, code, message }) =>
    element("li", {}, `line ${number(line)}: `, element("code", { textContent: code }), ` ${message}`),
  );
  const rest = unreadable - first.length;
  list.replaceChildren(...lines, rest > 0 ? element("li", { textContent: `and ${number(rest)} more` }) : "");
}
