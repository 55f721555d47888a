// The inspector: webhooks and Graph calls as they happen, and ways to make them happen again.

import { el } from "./bubbles.js";

const $ = (id) => document.getElementById(id);
const exchanges = [];
let chosen = null;

const isRight = ({ status }) => status !== null && status < 300;
const pretty = (value) => JSON.stringify(value, null, 2) ?? "";

/** What a webhook or a call is about, in a few words. */
function about({ kind, request, url }) {
  if (kind === "graph") {
    if (request?.typing_indicator) return "typing…";
    if (request?.status === "read") return "read mark";
    if (!request) return url;
    const it = request[request.type] ?? {};
    return `${request.type ?? "?"}: ${it.body?.text ?? it.body ?? it.caption ?? it.name ?? ""}`;
  }
  const values = (request.entry ?? []).flatMap((entry) => entry.changes ?? []).map((change) => change.value ?? {});
  const messages = values.flatMap((value) => value.messages ?? []).map((one) => `${one.type}: ${words(one)}`);
  const statuses = values.flatMap((value) => value.statuses ?? []).map((one) => one.status);
  return [...messages, ...statuses].join(", ");
}

function words(message) {
  const it = message[message.type] ?? {};
  return it.body ?? it.caption ?? (it.button_reply ?? it.list_reply)?.title ?? "";
}

function row(one) {
  const time = new Date(one.at * 1000).toLocaleTimeString();
  const way = one.kind === "webhook" ? "Meta → bot" : "bot → Meta";
  const button = el("button", { type: "button", on: { click: () => choose(one) } }, about(one).slice(0, 70));
  const status = el("td", { className: isRight(one) ? "" : "wrong" }, String(one.status ?? "no answer"));
  const made = el("tr", { data: { number: one.number }, on: { click: () => choose(one) } },
    ...[String(one.number), time, way].map((text) => el("td", {}, text)), status, el("td", {}, String(one.milliseconds)), el("td", {}, button));
  made.ariaSelected = String(one === chosen);
  return made;
}

function isWanted(one) {
  if ($("person").value && !one.wa_ids.includes($("person").value)) return false;
  if ($("kind").value && one.kind !== $("kind").value) return false;
  const text = $("text").value.toLowerCase();
  return !text || JSON.stringify([one.request, one.response]).toLowerCase().includes(text);
}

function showAll() {
  $("exchanges").replaceChildren(...exchanges.filter(isWanted).reverse().map(row));
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
  $("title").textContent = `${one.method} ${one.url}`;
  $("request").value = pretty(one.request);
  const status = one.status === null ? "No answer." : `HTTP ${one.status}`;
  $("response").textContent = one.response === null ? status : `${status}\n${pretty(one.response)}`;
  for (const id of ["replay", "renew", "send"]) $(id).hidden = one.kind !== "webhook";
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
for (const id of ["person", "kind", "text"]) $(id).addEventListener("input", showAll);

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

async function start() {
  chaos();
  const known = await (await fetch("/emulator/exchanges")).json();
  known.exchanges.forEach(add);
  showAll();
  new EventSource(`/emulator/exchanges/events?after=${known.last_event}`).onmessage = ({ data }) => {
    add(JSON.parse(data));
    showAll();
  };
}

start();
