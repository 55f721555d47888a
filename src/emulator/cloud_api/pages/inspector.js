// The inspector: webhooks, Graph calls and decisions as they happen, to read, repeat and copy.

import { about, beginsTurn, isRight } from "./about.js";
import { el } from "./bubbles.js";
import { showDifference } from "./difference.js";
import { ask, follow, tell } from "./line.js";
import { saveStory } from "./story.js";

const JSON_TYPE = { "Content-Type": "application/json" };

const $ = (id) => document.getElementById(id);
const names = new Map(); // of people, by wa_id
const exchanges = [];
let chosen = null;

const pretty = (value) => JSON.stringify(value, null, 2) ?? "";

const WAYS = { webhook: "Meta → bot", graph: "bot → Meta", step: "decision" };

function row(one, time) {
  const text = about(one).slice(0, isTimeline() ? 200 : 70);
  const button = el("button", { type: "button", on: { click: () => choose(one) } }, text, one.notes.length ? " ⚠" : "");
  const shown = one.kind === "step" ? "" : String(one.status ?? "no answer");
  const status = el("td", { className: isRight(one) ? "" : "wrong" }, shown);
  const took = one.kind === "step" ? "" : String(one.milliseconds);
  const made = el("tr", { className: one.kind, data: { number: one.number }, on: { click: () => choose(one) } },
    ...[String(one.number), time, WAYS[one.kind]].map((cell) => el("td", {}, cell)), status, el("td", {}, took), el("td", {}, button));
  made.ariaSelected = String(one === chosen);
  return made;
}

function isWanted(one) {
  if ($("person").value && !one.wa_ids.includes($("person").value)) return false;
  if ($("kind").value && one.kind !== $("kind").value) return false;
  const text = $("text").value.toLowerCase();
  return !text || JSON.stringify([one.request, one.response]).toLowerCase().includes(text);
}

const isTimeline = () => $("timeline").checked;

function showAll() {
  const wanted = exchanges.filter(isWanted);
  for (const id of ["timeline", "save"]) $(id).disabled = !$("person").value;
  if ($("timeline").disabled) $("timeline").checked = false;
  $("exchanges").replaceChildren(...(isTimeline() ? timeline(wanted) : wanted.reverse().map((one) => row(one, clockTime(one)))));
}

const clockTime = ({ at }) => new Date(at * 1000).toLocaleTimeString();

/** Return the rows of one conversation from its beginning, timed from the person's message of each turn. */
function timeline(wanted) {
  let began = null;
  return wanted.sort((one, other) => one.at - other.at).map((one) => {
    if (beginsTurn(one) || began === null) began = one;
    const made = row(one, one === began ? clockTime(one) : `+${Math.round((one.at - began.at) * 1000)} ms`);
    made.classList.toggle("turn", one === began);
    return made;
  });
}

function add(one) {
  exchanges.push(one);
  for (const wa_id of one.wa_ids) {
    if (![...$("person").options].some((option) => option.value === wa_id)) $("person").append(el("option", { value: wa_id }, `${names.get(wa_id) ?? ""} +${wa_id}`.trim()));
  }
}

function choose(one) {
  chosen = one;
  $("hint").hidden = true;
  $("shown").hidden = false;
  $("title").textContent = one.kind === "step" ? about(one) : `${one.method} ${one.url}`;
  $("request").value = pretty(one.request);
  const status = one.status === null ? "No response" : `HTTP ${one.status}`;
  $("response").textContent = one.response === null ? status : `${status}\n${pretty(one.response)}`;
  $("notes").replaceChildren(...one.notes.map((note) => el("li", {}, note)));
  $("answer").hidden = one.kind === "step";
  $("difference").hidden = one.kind !== "step";
  for (const id of ["request", "request-label"]) $(id).hidden = one.kind === "step";
  if (one.kind === "step") showDifference(one.request);
  for (const id of ["replay", "renew", "send"]) $(id).hidden = one.kind !== "webhook";
  $("curl").hidden = one.kind === "step";
  $("pytest").hidden = !(one.kind === "webhook" || one.url.endsWith("/messages"));
  $("said").textContent = "";
  showAll();
}

async function replay(options) {
  const path = `/emulator/exchanges/${chosen.number}/replay`;
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(options), headers: JSON_TYPE });
  const { status, error } = await answer.json();
  $("said").textContent = error ?? (status ? `The bot answered ${status}.` : "The bot did not answer.");
}

/** Copy a request as `kind`, "curl" or "pytest": code that runs as it is. */
async function copy(kind) {
  const answer = await fetch(`/emulator/exchanges/${chosen.number}/${kind}`);
  if (answer.ok) await navigator.clipboard.writeText(await answer.text());
  $("said").textContent = answer.ok ? "Copied." : (await answer.json()).error;
}

$("replay").addEventListener("click", () => replay({}));
$("renew").addEventListener("click", () => replay({ as_new: true }));
$("send").addEventListener("click", () => {
  try {
    replay({ body: JSON.parse($("request").value) });
  } catch (error) {
    $("said").textContent = `This is not JSON: ${error.message}`;
  }
});
$("save").addEventListener("click", async () => {
  try {
    const { contacts } = await ask("/emulator/contacts");
    const person = contacts.find((one) => one.wa_id === $("person").value);
    await saveStory({ ...person, entries: await ask(`/emulator/contacts/${person.wa_id}/messages?after=0`) });
  } catch (error) {
    tell(error.message);
  }
});
$("curl").addEventListener("click", () => copy("curl"));
$("pytest").addEventListener("click", () => copy("pytest"));
for (const id of ["person", "kind", "text", "timeline"]) $(id).addEventListener("input", showAll);

// ---- faults on purpose

async function chaos(changes) {
  const sent = changes && { method: "POST", body: JSON.stringify(changes), headers: JSON_TYPE };
  const answer = await fetch("/emulator/chaos", sent);
  const found = await answer.json();
  if (!answer.ok) return alert(found.error);
  showChaos(found);
}

function showChaos(switches) {
  const inputs = switches.map(({ name, value, about }) => {
    const isText = typeof value === "string";
    const change = ({ target }) => chaos({ [name]: target.value || (isText ? "" : 0) });
    const type = isText ? "text" : "number";
    const input = el("input", { type, min: 0, step: "any", value, name, on: { change } });
    return el("label", { title: about }, input, `${name}: ${about}`);
  });
  const off = el("button", { type: "button", on: { click: () => chaos({ off: true }) } }, "Off");
  $("chaos").querySelector("form").replaceChildren(...inputs, off);
  $("chaos").classList.toggle("on", switches.some(({ value, usual }) => value !== usual));
}

/** Load everything that the emulator has kept; returns the event after which to listen. */
async function load() {
  chaos();
  for (const one of (await ask("/emulator/contacts")).contacts) names.set(one.wa_id, one.name);
  const known = await ask("/emulator/exchanges");
  exchanges.length = 0;
  known.exchanges.forEach(add);
  return known.last_event;
}

async function start() {
  const last = await load();
  $("person").value = location.hash.slice(1);
  $("timeline").checked = Boolean($("person").value);
  showAll();
  const heard = (one) => {
    add(one);
    showAll();
  };
  follow("/emulator/exchanges/events", last, { heard, restarted: () => load().then(showAll) });
}

start();
