// The list of conversations.
import { get } from "./api.js";
import { make, shortTime, tell, waited } from "./format.js";

const threads = document.getElementById("threads");
const empty = document.getElementById("empty");
const more = document.getElementById("more");
const search = document.getElementById("search");
const filters = document.getElementById("filters");

const EMPTY = {
  all: "No conversations yet. They appear here as people write.",
  waiting: "Nobody is waiting. Well done.",
  mine: "You take care of nobody at the moment.",
  unassigned: "Everybody who waits has somebody who takes care of them.",
};

export const list = { open: null, onOpen: () => {}, onMe: () => {}, rows: new Map() };
let number = 0;

export async function refresh({ before = "" } = {}) {
  const mine = ++number;
  const show = filters.elements.show.value;
  const words = search.value.trim();
  let found;
  try {
    found = await get("threads", { show, search: words, before });
  } catch (error) {
    return tell(error.message);
  }
  if (mine !== number) return; // a later question was answered, or will be
  list.onMe(found.me, found.waiting);
  if (!before) list.rows.clear();
  for (const one of found.threads) list.rows.set(one.key, one);
  draw(found.has_more && show !== "waiting");
  empty.textContent = words ? "Nothing found." : EMPTY[show];
}

export function mark(key) {
  list.open = key;
  for (const row of threads.querySelectorAll("button")) {
    row.toggleAttribute("aria-current", row.dataset.key === key);
  }
}

function draw(hasMore) {
  const focused = document.activeElement?.dataset?.key;
  threads.replaceChildren(...[...list.rows.values()].map(row));
  empty.hidden = list.rows.size > 0;
  more.hidden = !hasMore;
  if (focused) threads.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function row(one) {
  const from = { out: "You: ", note: "Note: " }[one.last_direction] ?? "";
  const button = make(
    "button",
    { type: "button", className: "row" },
    make("span", { className: "name", dir: "auto", textContent: one.name }),
    make("time", { dateTime: one.last_at, textContent: shortTime(one.last_at) }),
    make("span", { className: "last", dir: "auto", textContent: from + (one.last_text ?? "") }),
    badges(one),
  );
  button.dataset.key = one.key;
  if (one.key === list.open) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => list.onOpen(one.key));
  return make("li", {}, button);
}

function badges(one) {
  const shown = make("span", { className: "badges" });
  if (one.waiting_since) {
    const text = `waiting ${waited(one.waiting_since)}`;
    shown.append(make("span", { className: "badge waits", textContent: text }));
  }
  if (one.assigned_to) {
    shown.append(make("span", { className: "badge", textContent: one.assigned_to }));
  }
  if (one.unread) {
    const label = `${one.unread} unread`;
    const count = make("span", { className: "badge unread", textContent: one.unread, title: label });
    count.setAttribute("aria-label", label);
    shown.append(count);
  }
  return shown;
}

function step(by) {
  const rows = [...threads.querySelectorAll("button")];
  const place = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(place + by, 0), rows.length - 1)]?.focus();
}

threads.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});
filters.addEventListener("change", () => refresh());
filters.addEventListener("submit", (event) => event.preventDefault());
search.addEventListener("input", () => {
  clearTimeout(refresh.timer);
  refresh.timer = setTimeout(refresh, 200);
});
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") step(1);
});
more.addEventListener("click", () => {
  const last = [...list.rows.values()].at(-1);
  if (last) refresh({ before: last.last_at });
});
