// The card of a channel: how many agents are free, in which states the agents are, and the capacity.
import { fillBar } from "./cells.js";
import { element } from "./element.js";
import { number, rank, stateName, tone } from "./format.js";

const MAY_BE_FREE = "May be free: the agent's state or capacity on the channel is unknown.";
const DOUBTFUL = "Doubtful: something about the agent may be out of date; the table says why.";

/** Shows cards in place of those that it showed before. Cards whose totals are the same stay as they are. */
export class Cards {
  #place;
  #shown = new Map();

  constructor(place) {
    this.#place = place;
  }

  show(totals) {
    const old = this.#shown;
    this.#shown = new Map();
    for (const total of totals) {
      const text = JSON.stringify(total);
      const was = old.get(total.channel);
      const card = was?.text === text ? was.card : cardOf(total, was?.card);
      this.#shown.set(total.channel, { text, card });
    }
    const cards = [...this.#shown.values()].map(({ card }) => card);
    if (cards.length !== this.#place.children.length || cards.some((card, i) => card !== this.#place.children[i])) {
      this.#place.replaceChildren(...cards);
    }
  }
}

function cardOf(total, was) {
  const { channel, isChat, states, load, of, accepting, max_capacity, spare, unlimited, unsure, doubtful } = total;
  const sorted = [...states].sort((a, b) => rank(a.state) - rank(b.state));
  const bar = element("div", { className: "spread", "aria-hidden": "true" });
  for (const { state, agents } of sorted) {
    const part = element("span", { "data-tone": tone(state) });
    part.style.flexGrow = agents;
    bar.append(part);
  }
  const counts = sorted.map(({ state, agents }) =>
    element("li", {}, element("span", { className: "dot", "data-tone": tone(state) }), `${number(agents)} ${stateName(state)}`),
  );
  const big = isChat ? [number(load), "open chats"] : [number(accepting), "free"];
  // Items of offline agents stay open, so the load may exceed the capacity of the online agents.
  const capacity = isChat
    ? null
    : element("p", { className: "capacity" }, bared(max_capacity - spare, max_capacity), `${number(spare)} of ${number(max_capacity)} places free, ${number(load)} open`);
  const notes = [
    unlimited > 0 && `${number(unlimited)} without a limit`,
    unsure > 0 && `${number(unsure)} may be free`,
    doubtful > 0 && `${number(doubtful)} of ${number(of)} doubtful`,
  ].filter(Boolean);
  const meanings = [unsure > 0 && MAY_BE_FREE, doubtful > 0 && DOUBTFUL].filter(Boolean);
  return element(
    "article",
    { className: "card", "aria-label": channel },
    element("h3", { textContent: channel }),
    element("p", { className: "big" }, element("strong", { textContent: big[0] }), ` ${big[1]}`),
    bar,
    element("ul", { className: "counts" }, ...counts),
    capacity,
    noted(notes, meanings, was?.querySelector("details")?.open ?? false),
  );
}

/** Returns the notes. A click or a tap shows what they mean. */
function noted(notes, meanings, open) {
  if (notes.length === 0) return null;
  const summary = element("summary", { textContent: notes.join(" · ") });
  if (meanings.length === 0) return element("p", { className: "notes", textContent: notes.join(" · ") });
  return element("details", { className: "notes", open }, summary, ...meanings.map((textContent) => element("p", { textContent })));
}

function bared(load, capacity) {
  const bar = element("span", { className: "bar", "aria-hidden": "true" }, element("span"));
  fillBar(bar, load, capacity);
  return bar;
}
