// What a server may know beside events: names, differences from Zendesk's record, and thresholds.

/** Returns what a server answers under a name, or null if it has no such thing or can't be reached. */
export async function aside({ account, token, what, signal }) {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const reply = await fetch(`/accounts/${encodeURIComponent(account)}/${what}`, { headers, signal, cache: "no-store" });
    return reply.ok ? await reply.json() : null;
  } catch {
    return null;
  }
}
