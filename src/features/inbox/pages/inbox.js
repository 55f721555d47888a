// Puts the list, the conversation and the person together, and follows what changes.
import { send } from "./api.js";
import { tell } from "./format.js";
import { list, mark, refresh } from "./list.js";
import { open, openKey } from "./thread.js";

const state = document.getElementById("state");
let waiting = null;

list.onOpen = show;
list.onMe = (me, count) => {
  document.getElementById("me").textContent = me.name;
  document.getElementById("waiting").textContent = count || "";
  document.title = count ? `(${count}) Inbox` : "Inbox";
  if (waiting !== null && count > waiting && document.hidden) announce();
  waiting = count;
};

function show(key) {
  document.body.dataset.view = "thread";
  mark(key);
  location.hash = encodeURIComponent(key);
  open(key);
}

function leave() {
  document.body.dataset.view = "list";
  const row = document.querySelector("#threads [aria-current]") ?? document.querySelector("#threads button");
  row?.focus();
}

function announce() {
  if (Notification.permission === "granted") new Notification("Somebody waits for an operator");
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.15);
}

function follow() {
  const feed = new EventSource("/inbox/api/feed");
  feed.onopen = () => {
    state.textContent = "";
    refresh();
    if (openKey()) open(openKey(), { isNew: false });
  };
  feed.onerror = () => (state.textContent = "Connecting…");
  feed.onmessage = (event) => {
    refresh();
    if (JSON.parse(event.data).includes(openKey())) open(openKey(), { isNew: false });
  };
}

document.getElementById("back").addEventListener("click", leave);
document.getElementById("facts").addEventListener("click", () => {
  const isShown = document.body.dataset.view === "person";
  document.body.dataset.view = isShown ? "thread" : "person";
});
document.getElementById("sign-out").addEventListener("click", async () => {
  await send("DELETE", "session");
  location.assign("/inbox/sign-in");
});
document.getElementById("notify").addEventListener("click", async () => {
  const answer = await Notification.requestPermission();
  tell(answer === "granted" ? "You will be told when somebody waits." : "The browser does not allow it.");
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "Escape") leave();
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && openKey()) open(openKey(), { isNew: false });
});
setInterval(refresh, 60_000); // how long people have waited

follow();
const opened = decodeURIComponent(location.hash.slice(1));
if (opened) show(opened);
