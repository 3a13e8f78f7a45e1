// A server that answers as Zendesk's REST API does.
import { once } from "node:events";
import { createServer } from "node:http";

import { answerExport } from "agentfold";

/** Starts a server with the record's pages, users, groups, and events of the Chat export, some on each page. */
export async function zendesk({ record = [], users = [], groups = [], chats = [], limit = 1000 }) {
  const asked = [];
  const server = createServer(({ url, headers }, reply) => {
    asked.push(url);
    const { pathname, searchParams } = new URL(url, "http://zendesk");
    const json = (status, value, more = {}) => {
      reply.writeHead(status, { "content-type": "application/json", ...more });
      reply.end(typeof value === "string" ? value : JSON.stringify(value));
    };
    if (headers.authorization !== `Basic ${btoa("admin@example.com/token:secret")}`) return json(401, {});
    if (pathname === "/api/v2/chat/incremental/agent_events") {
      searchParams.set("limit", String(limit));
      const { status, body } = answerExport(String(searchParams), chats, { url: `http://${headers.host}${pathname}` });
      return json(status, body);
    }
    const lists = {
      "/api/v2/agent_availabilities": record,
      "/api/v2/users.json": users.map((page) => ({ users: page })),
      "/api/v2/groups.json": groups.map((page) => ({ groups: page })),
    };
    const pages = lists[pathname];
    if (!pages) return json(404, {});
    const place = Number(searchParams.get("place") ?? 0);
    // The last page has a link, too.
    const next = `http://${headers.host}${pathname}?place=${place + 1}`;
    return json(200, { ...(pages[place] ?? {}), links: { next }, meta: { has_more: place + 1 < pages.length } });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, asked, stop: () => server.close() };
}
