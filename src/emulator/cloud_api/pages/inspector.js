// The inspector: webhooks and Graph calls as they happen, and ways to make them happen again.

import { about, beginsTurn, isRight } from "./about.js";
import { el } from "./bubbles.js";
import { ask, follow } from "./line.js";

const $ = (id) => document.getElementById(id);
const exchanges = [];
let chosen = null;

const pretty = (value) => JSON.stringify(value, null, 2) ?? "";

const WAYS = { webhook: "Meta → bot", graph: "bot → Meta", step: "bot decides" };

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
  $("timeline").disabled = !$("person").value;
  if ($("timeline").disabled) $("timeline").checked = false;
  $("exchanges").replaceChildren(...(isTimeline() ? timeline(wanted) : wanted.reverse().map((one) => row(one, clockTime(one)))));
}

const clockTime = ({ at }) => new Date(at * 1000).toLocaleTimeString();

/** One conversation from its beginning: each turn, and how long after the person's message what followed. */
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
    if (![...$("person").options].some((option) => option.value === wa_id)) $("person").append(el("option", { value: wa_id }, `+${wa_id}`));
  }
}

function choose(one) {
  chosen = one;
  $("hint").hidden = true;
  $("shown").hidden = false;
  $("title").textContent = one.kind === "step" ? about(one) : `${one.method} ${one.url}`;
  $("request").value = pretty(one.request);
  const status = one.status === null ? "No answer." : `HTTP ${one.status}`;
  $("response").textContent = one.response === null ? status : `${status}\n${pretty(one.response)}`;
  $("notes").replaceChildren(...one.notes.map((note) => el("li", {}, note)));
  $("answer").hidden = one.kind === "step";
  for (const id of ["replay", "renew", "send"]) $(id).hidden = one.kind !== "webhook";
  for (const id of ["curl", "pytest"]) $(id).hidden = one.kind === "step";
  $("said").textContent = "";
  showAll();
}

async function replay(options) {
  const path = `/emulator/exchanges/${chosen.number}/replay`;
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(options) });
  const { status, error } = await answer.json();
  $("said").textContent = error ?? `The bot answered ${status ?? "nothing"}.`;
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function asCurl({ kind, method, url, request }) {
  const body = JSON.stringify(request);
  if (kind === "graph") {
    const head = `curl -X ${method} "\${GRAPH_API_URL:-https://graph.facebook.com}${url}" -H "Authorization: Bearer $WP_ACCESS_TOKEN"`;
    return request ? `${head} -H 'Content-Type: application/json' -d ${quoted(body)}` : head;
  }
  return [
    `BODY=${quoted(body)}`,
    `SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WHATSAPP_APP_SECRET" | sed 's/.*= //')`,
    `curl -X POST ${url} -H "X-Hub-Signature-256: sha256=$SIGNATURE" -H 'Content-Type: application/json' -d "$BODY"`,
  ].join("\n");
}

function asPytest({ kind, request }) {
  const body = `    body = json.loads(r"""${JSON.stringify(request)}""")\n`;
  if (kind === "graph") {
    return `import json\n\n\nasync def test_meta_takes_the_message(meta):\n${body}    answer = await meta.http.post(MESSAGES, json=body)\n    assert answer.status_code == 200\n`;
  }
  return `import json\n\n\nasync def test_the_webhook_is_stored(web):\n${body}    answer = await web.post(body)\n    assert answer.json()["status"] == "ok"\n`;
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  $("said").textContent = "Copied.";
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
$("curl").addEventListener("click", () => copy(asCurl(chosen)));
$("pytest").addEventListener("click", () => copy(asPytest(chosen)));
for (const id of ["person", "kind", "text", "timeline"]) $(id).addEventListener("input", showAll);

// ---- what goes wrong on purpose

async function chaos(changes) {
  const sent = changes && { method: "POST", body: JSON.stringify(changes) };
  const answer = await fetch("/emulator/chaos", sent);
  const found = await answer.json();
  if (!answer.ok) return alert(found.error);
  showChaos(found);
}

function showChaos(switches) {
  const inputs = switches.map(({ name, value, about }) => {
    const change = ({ target }) => chaos({ [name]: target.value || 0 });
    const input = el("input", { type: "number", min: 0, step: "any", value, name, on: { change } });
    return el("label", { title: about }, input, `${name}: ${about}`);
  });
  const off = el("button", { type: "button", on: { click: () => chaos({ off: true }) } }, "Off");
  $("chaos").querySelector("form").replaceChildren(...inputs, off);
  $("chaos").classList.toggle("on", switches.some(({ value, usual }) => value !== usual));
}

/** Everything that the emulator knows; returns from which event on to listen. */
async function load() {
  chaos();
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
