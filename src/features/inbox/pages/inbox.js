// Puts the list, the conversation and the person together, and follows what changes.
import { BASE, get, send } from "./api.js";
import { tell } from "./format.js";
import { forget, knownInboxes, remember } from "./known.js";
import { hear, list, mark, refresh, urgent } from "./list.js";
import { allowNotices, forgetNotices } from "./notify.js";
import { canHavePasskeys, showPasskeys } from "./passkeys.js";
import { lookAt } from "./presence.js";
import { closeThread, open, openKey, update } from "./thread.js";

const away = document.getElementById("away");
const state = document.getElementById("state");
let told = null; // how many people wait for the operator, and how often the operator is called

let warned = new Set(); // keys of people of whom the operator was warned

list.onOpen = show;
list.onMe = ({ me, waiting, waiting_for_me: forMe, mentions }) => {
  document.getElementById("me").textContent = me.name;
  document.getElementById("waiting").textContent = waiting || "";
  document.getElementById("mentions").textContent = mentions || "";
  for (const id of ["numbers", "team"]) document.getElementById(id).hidden = me.role === "agent";
  document.getElementById("show-passkeys").hidden = !canHavePasskeys || me.is_away === null;
  away.hidden = me.is_away === null;
  away.firstElementChild.checked = me.is_away === true;
  const count = forMe + mentions;
  const late = urgent();
  document.title = (late.length ? "⚠ " : "") + (count ? `(${count}) Inbox` : "Inbox");
  const isNew = late.find((one) => !warned.has(one.key));
  warned = new Set(late.map((one) => one.key));
  if (isNew) announce(`${isNew.name} has to be answered soon`);
  if (told && forMe > told.forMe && document.hidden) announce("Somebody waits for an operator");
  if (told && mentions > told.mentions) announce("A colleague calls you in a note");
  told = { forMe, mentions };
};

function show(key, found = null) {
  document.body.dataset.view = "thread";
  mark(key);
  location.hash = encodeURIComponent(key);
  open(key, { found });
  lookAt(key);
}

function leave() {
  document.body.dataset.view = "list";
  if (matchMedia("(max-width: 700px)").matches) lookAt("");
  const row = document.querySelector("#threads [aria-current]") ?? document.querySelector("#threads button");
  row?.focus();
}

function announce(text) {
  const isAllowed = globalThis.Notification?.permission === "granted"; // some phones have none
  if (document.hidden && isAllowed) new Notification(text);
  tell(text);
  if (!navigator.userActivation?.hasBeenActive) return; // browsers play nothing before
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.15);
}

function follow() {
  const feed = new EventSource(`${BASE}api/feed`);
  feed.onopen = () => {
    state.textContent = "";
    refresh({ isNews: true });
    if (openKey()) update();
  };
  feed.onerror = () => (state.textContent = "Connecting…");
  feed.onmessage = (event) => {
    const news = JSON.parse(event.data);
    hear(news);
    document.dispatchEvent(new Event("news")); // for scripts of other features
    if (news.gone.includes(openKey())) {
      closeThread();
      tell("All about this person was erased.");
    } else if (news.rows.some((one) => one.key === openKey())) update();
  };
}

away.firstElementChild.addEventListener("change", async ({ target }) => {
  await send("POST", "away", {}, { is_away: target.checked });
  tell(target.checked ? "Nobody is given to you until you are back." : "People are given to you again.");
});
document.getElementById("back").addEventListener("click", leave);
document.getElementById("facts").addEventListener("click", () => {
  const isShown = document.body.dataset.view === "person";
  document.body.dataset.view = isShown ? "thread" : "person";
});
document.getElementById("sign-out").addEventListener("click", async () => {
  await forgetNotices().catch(() => {});
  await send("DELETE", "session");
  forget();
  location.assign(`${BASE}sign-in`);
});
document.getElementById("notify").addEventListener("click", async () => {
  tell(await allowNotices().catch((error) => error.message));
});
const KEYS = {
  "/": () => document.getElementById("search").focus(),
  r: () => write("reply"),
  n: () => write("note"),
  t: () => document.getElementById("take").click(),
  h: () => document.getElementById("hand-back").click(),
  e: () => document.getElementById("close").click(),
  "#": () => {
    document.body.dataset.view = "person";
    document.getElementById("new-tag").focus();
  },
  "?": () => document.getElementById("keys").showModal(),
};
const OF_A_CONVERSATION = "rnthe#";

function write(kind) {
  const { elements } = document.getElementById("composer");
  document.body.dataset.view = "thread";
  elements.kind.value = kind;
  elements.kind[0].dispatchEvent(new Event("change", { bubbles: true }));
  elements.text.focus();
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    event.target.blur();
    return leave();
  }
  const isTyping = event.target.matches("input:not([type=radio]), textarea, select");
  if (isTyping || !KEYS[event.key]) return;
  if (OF_A_CONVERSATION.includes(event.key) && !openKey()) return;
  event.preventDefault();
  KEYS[event.key]();
});
document.querySelector("#keys button").addEventListener("click", () => document.getElementById("keys").close());
document.getElementById("show-passkeys").addEventListener("click", showPasskeys);
document.getElementById("show-keys").addEventListener("click", KEYS["?"]);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && openKey()) update();
});
setInterval(() => refresh({ isNews: true }), 60_000); // how long people have waited

get("scripts").then(({ scripts }) => scripts.forEach((path) => import(BASE + path)));
remember();
document.getElementById("businesses").hidden = knownInboxes().length < 2;
follow();
const opened = decodeURIComponent(location.hash.slice(1));
if (opened) show(opened);
