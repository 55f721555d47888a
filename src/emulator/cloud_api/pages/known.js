// The panel beside the phone: what the bot knows of the person, as it changes.

import { el } from "./bubbles.js";
import { ask } from "./line.js";
import { duration } from "./studio.js";

const $ = (id) => document.getElementById(id);
const SOON = 300; // after an entry the bot is asked again, in milliseconds
const OFTEN = 10_000; // what operators and jobs do has no entry
const RETRY = 2_000; // after the bot did not say
let person = () => null;
let ahead = () => 0;
let waiting = null;

const isOpen = () => !$("known").hidden;

/** Return a value: a time with how far away it is, or a text. */
function shown(value) {
  if (typeof value !== "object" || value === null) return String(value);
  const left = value.at - Date.now() / 1000 - ahead();
  const away = Math.abs(left) < 90 ? `${Math.round(Math.abs(left))} s` : duration(Math.abs(left));
  const time = new Date(value.at * 1000);
  return el("time", { dateTime: time.toISOString(), title: time.toLocaleString() }, left > 0 ? `in ${away}` : `${away} ago`);
}

function section([title, rows]) {
  const facts = rows.flatMap(([name, value]) => [el("dt", {}, name.replaceAll("_", " ")), el("dd", { dir: "auto" }, shown(value))]);
  return [el("h3", {}, title), el("dl", {}, ...facts)];
}

async function refresh() {
  const one = person();
  if (!isOpen() || !one) return;
  const known = await ask(`/emulator/contacts/${encodeURIComponent(one.wa_id)}/known`).catch(() => null);
  if (one !== person()) return; // another one was opened meanwhile
  if (known === null) soon(RETRY);
  $("on-map").href = `/flows#${one.wa_id}`;
  const said = known === null ? "The bot does not say: it is not running, or not in development." : "The bot does not know this person yet.";
  $("known-parts").replaceChildren(...(known?.sections?.length ? known.sections.flatMap(section) : [el("p", {}, said)]));
}

/** Ask again soon: something happened in this conversation. */
export function soon(pause = SOON) {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, pause);
}

function open(isWanted) {
  $("known").hidden = !isWanted;
  $("know").ariaPressed = String(isWanted);
  document.body.classList.toggle("knowing", isWanted);
  localStorage.setItem("known", isWanted ? "open" : "closed");
  refresh();
}

export function setUp(given) {
  ({ person, ahead } = given);
  const isWide = matchMedia("(min-width: 80rem)").matches;
  open(isWide && localStorage.getItem("known") !== "closed");
  $("know").addEventListener("click", () => open(!isOpen()));
  $("known-close").addEventListener("click", () => {
    open(false);
    $("know").focus();
  });
  setInterval(() => document.visibilityState === "visible" && refresh(), OFTEN);
}
