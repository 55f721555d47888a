// The phone: people on the left, one conversation on the right, kept up to date by server-sent events.

import { askFor } from "./asking.js";
import { bubble, el, summary, timeOf } from "./bubbles.js";
import * as calls from "./calls.js";
import * as files from "./files.js";
import * as known from "./known.js";
import { ask, follow, tell } from "./line.js";
import * as recording from "./recording.js";
import { saveStory } from "./story.js";
import * as studio from "./studio.js";

const $ = (id) => document.getElementById(id);
const people = new Map(); // wa_id -> {wa_id, name, hides_phone, wrote_at, unread, last, entries}
let current = null;
let quoted = null;
let firstNumber = null; // ids of the business's numbers; each has a chat of its own
let number = null;
let ahead = 0; // the emulator's clock minus ours, in seconds
let windowSeconds = 0;
let typingUntil = 0;
let bot = { state: "unknown", is_answering: true, error: null };

const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
const conversation = () => `/emulator/contacts/${encodeURIComponent(current.wa_id)}`;
const isHere = (entry) => (entry.phone_number_id ?? firstNumber) === number;
const emulatorNow = () => Date.now() / 1000 + ahead;

// ---- what the person does

async function say(content) {
  const context = quoted ? { context: { id: quoted.id } } : {};
  quote(null);
  await post(`${conversation()}/messages`, { ...content, ...context, to_number: number, name: current.name, hide_phone: current.hides_phone });
}

const acts = {
  tapButton: (reply) => say({ type: "interactive", interactive: { type: "button_reply", button_reply: { id: reply.id, title: reply.title } } }),
  tapTemplate: (button) => say({ type: "button", button }),
  tapRow: (row) => say({ type: "interactive", interactive: { type: "list_reply", list_reply: row } }),
  react: (entry, emoji) => say({ type: "reaction", reaction: { message_id: entry.id, emoji } }),
  sendLocation: () => say({ type: "location", location: { latitude: 4.6534, longitude: -74.0836, name: "Where I am" } }),
  shareNumber: () => say({ type: "contacts", contacts: [{ ...myCard(), origin: "contact_request" }] }),
  allowCalls: (response, isPermanent) => say({ type: "interactive", interactive: { type: "call_permission_reply", call_permission_reply: { response, is_permanent: isPermanent, response_source: "user_action" } } }),
  call: (payload) => calls.dial(current, payload ? { cta_payload: payload } : {}),
  fillFlow,
  quote,
  openList,
  summaryOf: (id) => summary(current.entries.find((entry) => entry.id === id)),
};

/** Let the owner's phone or Meta's agent do something in this conversation. */
const control = (kind, options = {}) => post("/emulator/triggers", { kind: `thread.${kind}`, from: current.wa_id, ...options });

const myCard = () => ({ name: { formatted_name: current.name }, phones: [{ phone: `+${current.wa_id}`, wa_id: current.wa_id }] });

async function fillFlow() {
  const filled = await askFor("The answer of this form, as JSON", '{"flow_token": "unused"}', { rows: 5, act: "Send" });
  if (!filled) return;
  const reply = { name: "flow", body: "Sent", response_json: filled };
  say({ type: "interactive", interactive: { type: "nfm_reply", nfm_reply: reply } });
}

function quote(entry) {
  quoted = entry;
  $("quote").hidden = !entry;
  $("quote").firstElementChild.textContent = entry ? summary(entry) : "";
  if (entry) $("text").focus();
}

function openList(action) {
  $("sheet-title").textContent = action.button;
  const rows = action.sections.flatMap((section) => [
    section.title ? el("h3", {}, section.title) : null,
    ...section.rows.map((row) =>
      el("button", { type: "submit", on: { click: () => acts.tapRow(row) } }, row.title, row.description ? el("small", {}, row.description) : null),
    ),
  ]);
  $("rows").replaceChildren(...rows.filter(Boolean));
  $("sheet").showModal();
}

async function sendFile(file, { voice = false } = {}) {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const send = (query) => ask(`${conversation()}/files?${new URLSearchParams({ ...query, to_number: number })}`, { method: "POST", body: file, headers });
  if (voice) await send({ voice: 1 });
  else await sendTyped((caption) => send({ name: file.name, caption }));
}

/** Send the typed text. Its field is emptied at once, and filled again when the request fails. */
async function sendTyped(send) {
  const [typed, to] = [$("text").value, quoted];
  $("text").value = "";
  try {
    await send(typed.trim());
  } catch (error) {
    $("text").value = [typed, $("text").value].filter(Boolean).join("\n");
    quote(to);
    throw error;
  }
}

// ---- what is shown

function remember({ last_entry: lastEntry, ...contact }) {
  const one = people.get(contact.wa_id) ?? { unread: 0, last: lastEntry ? summary(lastEntry) : "", at: lastEntry?.at, entries: null };
  people.set(contact.wa_id, Object.assign(one, contact));
  return one;
}

function showPeople() {
  $("people").replaceChildren(
    ...[...people.values()].sort((one, other) => one.is_in_story - other.is_in_story).map((one) => {
      const number = one.hides_phone ? "number hidden" : `+${one.wa_id}`;
      const at = one.at ? el("time", {}, timeOf(one.at)) : null;
      const button = el("button", { type: "button", on: { click: () => open(one) } }, el("span", {}, one.name), el("small", {}, one.last || number), at ?? "");
      button.ariaCurrent = String(one === current);
      if (one.unread) button.append(el("span", { className: "unread", ariaLabel: `${one.unread} unread` }, String(one.unread)));
      return el("li", {}, button);
    }),
  );
}

/** Get the conversation so far, and what is said while it is on its way. */
async function fetchEntries(person) {
  if (person.entries) return;
  person.heard ??= [];
  const before = await ask(`${conversation()}/messages?after=0`);
  const since = person.heard.filter((entry) => before.every((one) => one.number !== entry.number));
  person.entries ??= [...before, ...since];
}

async function open(person) {
  current = person;
  person.unread = 0;
  typingUntil = 0;
  document.body.classList.add("chatting");
  localStorage.setItem("person", person.wa_id);
  $("inspect").href = `/inspector#${person.wa_id}`;
  await fetchEntries(person);
  if (person !== current) return; // another one was opened meanwhile
  $("writer").textContent = `You are ${person.name}`;
  $("messages").replaceChildren();
  $("invitation").hidden = false;
  quote(null);
  person.entries.filter(isHere).forEach(show);
  known.soon();
  showPeople();
  showWindow();
}

function show(entry) {
  if (entry.type === "read" || entry.type === "typing") return showMark(entry);
  if (entry.from === "bot") typingUntil = 0;
  if (entry.type === "reaction") return showReaction(entry.reaction);
  $("messages").append(bubble(entry, acts));
  $("invitation").hidden = true;
  $("log").scrollTop = $("log").scrollHeight;
}

function showMark(entry) {
  for (const one of $("messages").querySelectorAll(".mine")) {
    Object.assign(one.querySelector(".ticks"), { className: "ticks seen", title: "read" });
    if (one.dataset.id === entry.message_id) break;
  }
  if (entry.type === "typing") typingUntil = Date.now() + 25_000;
}

function showReaction({ message_id: id, emoji }) {
  const target = $("messages").querySelector(`[data-id="${CSS.escape(id)}"]`);
  target?.querySelector(".reaction")?.remove();
  if (emoji) target?.append(el("span", { className: "reaction" }, emoji));
}

function presence() {
  if (bot.state === "starting") return "· the bot is starting…";
  return Date.now() < typingUntil ? "· typing…" : "";
}

function showWindow() {
  $("presence").textContent = presence();
  const left = current?.wrote_at && windowSeconds ? current.wrote_at + windowSeconds - emulatorNow() : 0;
  $("window").classList.toggle("closed", Boolean(current?.wrote_at) && left <= 0);
  $("call").hidden = number !== firstNumber; // the other numbers take no calls here
  $("countdown").hidden = !windowSeconds || number !== firstNumber;
  const [hours, minutes, seconds] = [left / 3600, (left / 60) % 60, left % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
  const aside = (text) => el("span", {}, text); // what small screens have no room for
  if (!current?.wrote_at) $("countdown").replaceChildren(aside("The window opens with the first message"));
  else if (left > 0) $("countdown").replaceChildren(aside("Window open for "), `${hours}:${minutes}`, aside(`:${seconds}`));
  else $("countdown").replaceChildren("Window closed", aside(": only templates"));
}

/** Say that the bot is not running, or what went wrong in it; until it starts again, or somebody closes it. */
function showBot(status) {
  bot = status;
  const isDown = bot.state === "stopped" || (bot.state !== "starting" && !bot.is_answering);
  const title = isDown ? "The bot is not running. Your messages are kept, and handled when it starts." : "An error in the bot";
  $("bot").hidden = !isDown && !bot.error;
  $("bot-title").textContent = title;
  for (const [id, part] of [["bot-error", "text"], ["bot-place", "place"], ["bot-hint", "hint"]]) $(id).textContent = bot.error?.[part] ?? "";
  showWindow();
}

function showClock(clock) {
  ahead = clock.now - Date.now() / 1000;
  studio.showClock(clock.ahead);
  showWindow();
}

function hearCall(call) {
  const person = people.get(call.wa_id);
  if (person && call.direction === "USER_INITIATED" && call.state === "ringing") person.wrote_at = emulatorNow();
  showWindow();
  return calls.follow(call, person);
}

function hear({ entry, bot: status, call, clock, forgotten, ...contact }) {
  if (status) return showBot(status);
  if (clock) return showClock(clock);
  if (forgotten !== undefined) return load();
  if (call) return hearCall(call);
  if (!entry) return; // what other pages show
  const person = remember(contact);
  if (entry.from === "person" && !entry.phone_number_id) person.wrote_at = entry.at;
  if (!["read", "typing", "reaction", "refused", "clock", "operator", "event", "notify"].includes(entry.type)) Object.assign(person, { last: summary(entry), at: entry.at });
  if (!person.entries) person.heard?.push(entry);
  else if (person.entries.every((one) => one.number !== entry.number)) {
    person.entries.push(entry);
    if (person === current && isHere(entry)) show(entry);
  }
  if (person !== current && entry.from === "bot" && person.last) person.unread += ["read", "typing"].includes(entry.type) ? 0 : 1;
  if (person === current) known.soon();
  showPeople();
  showWindow();
}

// ---- wiring

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (recording.isOn()) recording.finish();
  else if ($("text").value.trim()) sendTyped((body) => say({ type: "text", text: { body } }));
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
$("quote").querySelector("button").addEventListener("click", () => quote(null));
$("location").addEventListener("click", acts.sendLocation);
$("card").addEventListener("click", () => say({ type: "contacts", contacts: [myCard()] }));
$("sticker").addEventListener("click", () => say({ type: "sticker", sticker: { id: "0", mime_type: "image/webp", animated: false } }));
$("ad").addEventListener("click", async () => {
  const id = await askFor("Id of the ad, or the payload that its author chose", "120330000000000001");
  if (!id) return;
  const of = { source_type: "ad", source_id: id, ref: id, source_url: "https://fb.me/example" };
  const referral = { ...of, headline: "Chat with us", body: "An ad", media_type: "image", ctwa_clid: "example" };
  sendTyped((body) => say({ type: "text", text: { body: body || "Hello! Can I get more info on this?" }, referral }));
});
$("attachments").addEventListener("click", ({ target }) => target.type === "button" && $("attachments").hidePopover());
$("bot-close").addEventListener("click", () => ($("bot").hidden = true));
for (const chip of $("invitation").querySelectorAll("button")) {
  chip.addEventListener("click", () => say({ type: "text", text: { body: chip.textContent } }));
}
$("actions").addEventListener("click", () => $("actions").matches(":popover-open") && $("actions").hidePopover());
$("back").addEventListener("click", () => document.body.classList.remove("chatting"));
$("owner").addEventListener("click", async () => {
  const body = await askFor("What the owner writes from the phone", "Hello, this is Maria.", { act: "Send" });
  if (body) control("owner", { body });
});
$("told").addEventListener("click", async () => {
  const to = current.hides_phone ? current.user_id : `+${current.wa_id}`;
  const number = `PO-${String(Date.now()).slice(-5)}`;
  const data = { supplier_phone: to, supplier_name: current.name, po_number: number, total_amount: 1250.5, currency: "EUR" };
  const example = JSON.stringify({ type: "po.approved", data }, null, 2);
  const event = await askFor("What another system tells the bot, as JSON", example, { rows: 10, act: "Send" });
  if (event) await post(`/emulator/told-events?person=${current.wa_id}`, JSON.parse(event));
});
$("to-agent").addEventListener("click", () => control("to_agent"));
$("to-bot").addEventListener("click", () => control("to_bot"));
$("save").addEventListener("click", () => saveStory(current));
$("call").addEventListener("click", () => acts.call());
$("number").addEventListener("change", () => {
  number = $("number").value;
  open(current);
});
$("add").addEventListener("click", () => $("person").showModal());
$("person").addEventListener("close", async () => {
  if ($("person").returnValue !== "add") return;
  const form = new FormData($("person").querySelector("form"));
  const given = { ...Object.fromEntries(form), hides_phone: form.has("hides_phone"), is_on_whatsapp: form.has("is_on_whatsapp") };
  open(remember(await post("/emulator/contacts", given)));
});

// A tap or a key whose request fails: the page says why.
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  tell(event.reason.message);
});

/** Let the person choose which number of the business to write to, if it has several. */
function showNumbers(numbers) {
  firstNumber = numbers[0].phone_number_id;
  number = numbers.some((one) => one.phone_number_id === number) ? number : firstNumber;
  $("number").replaceChildren(...numbers.map((one) => el("option", { value: one.phone_number_id, selected: one.phone_number_id === number }, `+${one.display_phone_number}`)));
  $("number").hidden = numbers.length < 2;
}

/** Load everyone that the emulator knows; returns the event after which to listen. */
async function load() {
  const found = await ask("/emulator/contacts");
  calls.holdPhones();
  showClock({ now: found.now, ahead: found.ahead });
  windowSeconds = found.window_seconds;
  people.clear();
  found.contacts.forEach(remember);
  showNumbers(found.numbers);
  for (const link of document.querySelectorAll(".inbox")) Object.assign(link, { href: found.inbox ?? "", hidden: !found.inbox });
  showBot(found.bot);
  await open(people.get(localStorage.getItem("person")) ?? people.values().next().value);
  return found.last_event;
}

async function restarted() {
  await load();
  tell("The emulator was restarted.");
}

async function start() {
  calls.setUp({ ahead: () => ahead });
  studio.setUp({ post, tell, person: () => current });
  files.setUp({ send: sendFile });
  recording.setUp({ send: (note) => sendFile(note, { voice: true }), tell });
  known.setUp({ person: () => current, ahead: () => ahead });
  follow("/emulator/events", await load(), { heard: hear, restarted });
  setInterval(showWindow, 1000);
}

start();
