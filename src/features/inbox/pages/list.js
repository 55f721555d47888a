// The list of conversations.
import { get } from "./api.js";
import { dayOf, make, redraw, shortTime, tell, waited } from "./format.js";

const threads = document.getElementById("threads");
const empty = document.getElementById("empty");
const more = document.getElementById("more");
const search = document.getElementById("search");
const filters = document.getElementById("filters");
const narrow = document.getElementById("narrow");
const searched = document.getElementById("searched");

const EMPTY = {
  all: "No conversations yet. They appear here as people write.",
  waiting: "Nobody is waiting. Well done.",
  mine: "You take care of nobody at the moment.",
  unassigned: "Everybody who waits has somebody who takes care of them.",
  unread: "You have read everything.",
  mentions: "Nobody calls you by @ and your name.",
};

export const list = { open: null, onOpen: () => {}, onMe: () => {}, rows: new Map(), tags: [], role: "agent", answerMinutes: 0 };
// People after whom a search ends.
const MOST_FOUND = 300;
let number = 0;
let heard = []; // news that came while the list was asked for
let me = null;

function wanted() {
  const { show, tag, number: ours, minutes } = filters.elements;
  const search = words();
  return { show: show.value, search, tag: tag.value, number: ours.value, minutes: minutes.value };
}

const words = () => search.value.trim();

// News change what is counted; what was searched stays as it was found.
export async function refresh({ before = "", isNews = false } = {}) {
  const isCounted = isNews && words();
  const mine = isCounted ? number : ++number;
  const asked = wanted();
  let found;
  heard = [];
  try {
    found = await get("threads", isCounted ? { show: asked.show } : { ...asked, before });
  } catch (error) {
    return tell(error.message);
  }
  if (mine !== number) return; // a later question was answered, or will be
  list.tags = found.tags;
  list.answerMinutes = found.answer_minutes;
  list.role = found.me.role;
  me = found.me;
  offer(found);
  if (isCounted) return list.onMe(found);
  if (!before) list.rows.clear();
  add(found);
  more.hidden = !found.has_more || asked.show === "waiting" || Boolean(asked.search);
  for (const news of heard) merge(news, asked);
  list.onMe(found);
  await searchOn(asked, found, mine);
}

function add({ threads: rows }) {
  for (const one of rows) if (!list.rows.has(one.key)) list.rows.set(one.key, one);
  draw();
}

// A large inbox is searched a part at a time, from the newest messages on.
async function searchOn(asked, found, mine) {
  let since = found.searched_since;
  while (since && list.rows.size < MOST_FOUND) {
    searched.hidden = false;
    searched.textContent = `Looking in messages before ${dayOf(since)}…`;
    empty.hidden = true;
    try {
      found = await get("threads", { ...asked, until: since });
    } catch (error) {
      return tell(error.message);
    }
    if (mine !== number) return;
    since = found.searched_since;
    add(found);
  }
  searched.hidden = !since;
  if (since) searched.textContent = `Words were looked for in messages since ${dayOf(since)}.`;
  explainEmpty(asked);
}

function explainEmpty(asked) {
  const isNarrowed = asked.search || asked.tag || asked.number || asked.minutes;
  empty.textContent = isNarrowed ? "Nothing found." : EMPTY[asked.show];
  empty.hidden = list.rows.size > 0;
}

// What changed, as the bot tells open pages at once.
export function hear(news) {
  if (!me) return; // the list is on its way
  heard.push(news);
  const asked = wanted();
  if (!asked.search && (asked.show === "mentions" || asked.minutes)) refresh();
  else if (!asked.search) {
    merge(news, asked);
    draw();
    explainEmpty(asked);
  }
  list.onMe({ me, ...news });
}

function merge({ rows, gone }, asked) {
  const oldest = more.hidden ? null : [...list.rows.values()].at(-1)?.last_at;
  for (const key of gone) list.rows.delete(key);
  for (const one of rows) {
    const isShown = belongs(one, asked) && !(oldest && one.last_at < oldest && !list.rows.has(one.key));
    if (isShown) list.rows.set(one.key, one);
    else list.rows.delete(one.key);
  }
  const since = (one) => (asked.show === "waiting" ? one.waiting_since : one.last_at);
  const order = [...list.rows.values()].sort((one, other) => (since(one) < since(other) ? -1 : 1));
  if (asked.show !== "waiting") order.reverse();
  list.rows = new Map(order.map((one) => [one.key, one]));
}

function belongs(one, { show, tag, number: ours }) {
  const isMeant = {
    waiting: one.waiting_since,
    mine: one.assigned_to === me.name,
    unassigned: one.waiting_since && !one.assigned_to,
    unread: one.unread > 0,
  };
  return (isMeant[show] ?? show === "all") && (!tag || one.tags.includes(tag)) && (!ours || one.number === ours);
}

// Tags and numbers to choose from, where there are any.
function offer({ tags, numbers }) {
  const { minutes, show } = filters.elements;
  minutes.hidden = show.value !== "waiting";
  if (minutes.hidden) minutes.value = "";
  choices(filters.elements.tag, "Every tag", tags.map((tag) => [tag, tag]));
  const ours = numbers.length > 1 ? numbers.map((one) => [one.id, one.name]) : [];
  choices(filters.elements.number, "Every number", ours);
  narrow.hidden = minutes.hidden && !tags.length && !ours.length;
}

function choices(select, every, options) {
  const known = [...select.options].slice(1).map((option) => option.value);
  select.hidden = !options.length;
  if (known.join("\n") === options.map(([value]) => value).join("\n") && select.options.length) return;
  const chosen = select.value;
  const made = [["", every], ...options].map(([value, textContent]) => make("option", { value, textContent }));
  select.replaceChildren(...made);
  select.value = options.some(([value]) => value === chosen) ? chosen : "";
}

export function mark(key) {
  list.open = key;
  for (const row of threads.querySelectorAll("button")) {
    row.toggleAttribute("aria-current", row.dataset.key === key);
  }
}

function draw() {
  const focused = document.activeElement?.dataset?.key;
  redraw(threads, ...[...list.rows.values()].map(row));
  if (focused) threads.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function row(one) {
  const from = { out: "Sent: ", note: "Note: " }[one.last_direction] ?? "";
  const button = make(
    "button",
    { type: "button", className: "row" },
    make("span", { className: "name", dir: "auto", textContent: one.name }),
    make("time", { dateTime: one.last_at, textContent: shortTime(one.last_at) }),
    said(one, from),
    badges(one),
  );
  button.dataset.key = one.key;
  if (one.key === list.open) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => list.onOpen(one.key, one.found));
  return make("li", {}, button);
}

// The message that a search found, or else the last one.
function said(one, from) {
  if (!one.found) {
    return make("span", { className: "last", dir: "auto", textContent: from + (one.last_text ?? "") });
  }
  const at = make("span", { textContent: `${dayOf(one.found.at)}: ` });
  return make("span", { className: "last found", dir: "auto" }, at, one.found.text);
}

function badges(one) {
  const shown = make("span", { className: "badges" });
  for (const tag of one.tags) shown.append(make("span", { className: "badge tag", textContent: tag }));
  if (one.waiting_since) {
    const state = urgency(one);
    const text = `waiting ${waited(one.waiting_since)}${{ late: ", too long", due: ", answer soon" }[state] ?? ""}`;
    shown.append(make("span", { className: `badge waits ${state}`, textContent: text }));
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

const WARN_AT = 0.7; // of the time in which people should be answered

// "late" once somebody has waited longer than they should, "due" shortly before
function urgency({ waiting_since: since }) {
  if (!list.answerMinutes) return "";
  const share = (Date.now() - new Date(since)) / 60_000 / list.answerMinutes;
  if (share >= 1) return "late";
  return share >= WARN_AT ? "due" : "";
}

// People of the list who have to be answered now, or should have been.
export const urgent = () => [...list.rows.values()].filter((one) => one.waiting_since && urgency(one));

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
