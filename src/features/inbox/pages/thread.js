// One conversation: its messages, and what an operator does in it.
import { fileOf, get, send } from "./api.js";
import { compose, quote } from "./composer.js";
import { clock, dayOf, fullTime, formatted, make, redraw, tell } from "./format.js";
import { showPerson } from "./person.js";

const panel = document.getElementById("thread");
const log = document.getElementById("messages");
const earlier = document.getElementById("earlier");
const latest = document.getElementById("latest");

const TICKS = { accepted: "✓", sent: "✓", delivered: "✓✓", read: "✓✓", played: "✓✓" };
const HOLDERS = {
  bot: "The bot answers",
  operator: "An operator answers",
  phone: "The owner answers from the phone",
  "meta agent": "Meta's agent answers",
  nobody: "Blocked",
};
const SAID = new Set(["reply", "file", "template"]); // what is shown at the end of the conversation
let shown = null; // what the bot said of the open conversation
let place = null; // the message of a search at which the conversation was opened
let number = 0;

// `found` is a message of a search: the conversation opens there, else at its latest message.
export async function open(key, { isNew = true, found = null } = {}) {
  const mine = ++number;
  let answer;
  try {
    answer = await get("thread", { key, around: found?.at });
  } catch (error) {
    return tell(error.message);
  }
  if (mine !== number) return;
  const wasAtEnd = isAtEnd;
  const before = log.scrollTop;
  shown = answer;
  place = found;
  panel.hidden = false;
  draw();
  const mark = isNew && found && log.querySelector(".found");
  if (mark) mark.scrollIntoView({ block: "center" });
  else if (isNew || (wasAtEnd && !found)) goToEnd();
  else log.scrollTop = before;
  const { thread, is_called: isCalled } = answer;
  if ((thread.unread || isCalled) && !document.hidden) act("read", {}, { isQuiet: true });
}

// Pictures have their height only once they are loaded: whoever reads the end stays there.
let isAtEnd = true;

function goToEnd() {
  log.scrollTop = log.scrollHeight;
  isAtEnd = true;
}

log.addEventListener("scroll", () => {
  isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
});
log.addEventListener("load", () => isAtEnd && goToEnd(), true); // does not bubble
log.addEventListener("loadedmetadata", () => isAtEnd && goToEnd(), true);

export const update = () => open(shown.thread.key, { isNew: false, found: place });

export const openKey = () => shown?.thread.key ?? null;

function draw() {
  const { thread, person } = shown;
  document.getElementById("name").textContent = person.name;
  const isClosed = thread.status === "Closed" ? " · closed" : "";
  const waits = thread.status === "Needs human" ? "Waits for a person of your team" : null;
  const who = waits ?? (thread.held_by ? `${thread.held_by} answers` : HOLDERS[thread.holder]) + isClosed;
  document.getElementById("holder").textContent = who;
  const isBots = thread.holder === "bot";
  const take = document.getElementById("take");
  take.hidden = !isBots && !waits;
  take.className = waits ? "main" : "";
  document.getElementById("hand-back").hidden = isBots || thread.holder === "nobody";
  document.getElementById("close").hidden = isBots || thread.holder === "nobody";
  if (log.dataset.key !== thread.key) log.replaceChildren(); // nothing of one conversation is kept for another
  log.dataset.key = thread.key;
  redraw(log, ...lines(shown.messages));
  earlier.hidden = !shown.has_more;
  latest.hidden = !shown.has_later;
  showPerson(shown, act);
  compose(shown, act);
}

function lines(messages) {
  let last = "";
  return messages.flatMap((one) => {
    const date = dayOf(one.at);
    const head = date === last ? [] : [make("li", { className: "day", textContent: date })];
    last = date;
    return [...head, bubble(one, messages)];
  });
}

function bubble(one, messages) {
  if (one.kind === "step") return make("li", { className: "day", textContent: one.text });
  const isFound = one.id === place?.id;
  const line = make("li", { className: `bubble ${one.direction}${isFound ? " found" : ""}` });
  line.dataset.id = one.id;
  const who = { in: shown.person.name, note: `Note by ${one.author ?? "the bot"}` }[one.direction];
  const name = who ?? one.author ?? "Bot";
  const author = make("span", { className: goesOn(one, messages) ? "author unseen" : "author", textContent: name });
  line.append(author);
  if (one.quotes) line.append(quotation(one, messages));
  if (one.media_type) line.append(file(one));
  line.append(make("p", { dir: "auto" }, ...words(one)), foot(one));
  return line;
}

// Whether the message before is of the same person, on the same day.
function goesOn(one, messages) {
  const before = messages[messages.indexOf(one) - 1];
  const isSame = (name) => before[name] === one[name];
  return Boolean(before) && before.kind !== "step" && dayOf(before.at) === dayOf(one.at) && isSame("direction") && isSame("author");
}

function words(one) {
  if (one.status === "deleted") return [make("em", { textContent: "This message was deleted." })];
  if (one.text) return formatted(one.text);
  return one.media_type ? [] : [make("em", { textContent: one.kind })];
}

function quotation(one, messages) {
  const of = messages.find((other) => other.id === one.quotes);
  const start = one.kind === "reaction" ? "Reacted to: " : "";
  const said = of?.text ?? (of ? of.kind : "an earlier message");
  return make("blockquote", { dir: "auto", textContent: start + said.slice(0, 200) });
}

function file(one) {
  const source = fileOf(one.id);
  const [kind] = one.media_type.split("/");
  if (kind === "image") {
    const image = make("img", { src: source, alt: one.text ?? one.kind, loading: "lazy" });
    return make("a", { href: source, target: "_blank", rel: "noopener" }, image);
  }
  if (kind === "audio") return make("audio", { src: source, controls: true, preload: "none" });
  if (kind === "video") return make("video", { src: source, controls: true, preload: "metadata" });
  return make("a", { href: source, download: "", className: "file", textContent: "Download file" });
}

function foot(one) {
  const at = make("time", { dateTime: one.at, textContent: clock(one.at), title: fullTime(one.at) });
  const made = make("footer", {}, one.is_edited ? "edited " : null, at);
  if (one.direction === "in" && one.kind !== "reaction") {
    const reply = make("button", { type: "button", textContent: "Quote", className: "quiet" });
    reply.addEventListener("click", () => quote(one));
    made.append(reply, reactions(one));
  }
  if (one.direction === "out" && one.status === "failed") {
    made.append(make("strong", { textContent: ` Not delivered: ${one.error ?? "no reason given"}` }));
  } else if (one.direction === "out") {
    const ticks = make("span", { textContent: TICKS[one.status] ?? "…", className: one.status ?? "" });
    ticks.title = one.status ?? "waits to be sent";
    ticks.setAttribute("role", "img");
    ticks.setAttribute("aria-label", ticks.title);
    made.append(" ", ticks);
  }
  if (one.price && one.price !== "service") made.append(make("span", { className: "price", textContent: one.price, title: "What Meta charges it as" }));
  return made;
}

const EMOJI = ["👍", "❤️", "😂", "😮", "🙏", "✅"];

function reactions(one) {
  const shownOnes = EMOJI.map((emoji) => {
    const button = make("button", { type: "button", className: "quiet", textContent: emoji });
    button.setAttribute("aria-label", `React with ${emoji}`);
    button.addEventListener("click", () => act("react", { message_id: one.id, emoji }));
    return button;
  });
  return make("details", { className: "react" }, make("summary", { textContent: "React" }), ...shownOnes);
}

async function act(name, body = undefined, { isQuiet = false, method = "POST", query = {}, onError = tell } = {}) {
  const { key } = shown.thread;
  const seen = shown.messages.at(-1)?.at ?? null;
  let answer;
  try {
    answer = await send(method, name, { key, ...query }, body, name === "reply" ? { seen } : {});
  } catch (error) {
    onError(error.message);
    if (!isQuiet && key === openKey()) await update();
    return false;
  }
  if (isQuiet || key !== openKey()) return answer ?? true;
  if (name === "erase") closeThread();
  else if (SAID.has(name)) await open(key, { isNew: false });
  else await update();
  return answer ?? true;
}

// The person of the open conversation is erased.
export function closeThread() {
  shown = null;
  panel.hidden = true;
  document.getElementById("person").replaceChildren();
  document.body.dataset.view = "list";
}

document.getElementById("take").addEventListener("click", () => act("take"));
document.getElementById("hand-back").addEventListener("click", () => act("hand-back"));
document.getElementById("close").addEventListener("click", () => act("close"));
latest.addEventListener("click", () => open(openKey()));
earlier.addEventListener("click", async () => {
  const height = log.scrollHeight;
  const found = await get("thread", { key: shown.thread.key, before: shown.messages[0].at });
  shown.messages = [...found.messages, ...shown.messages];
  shown.has_more = found.has_more;
  draw();
  log.scrollTop = log.scrollHeight - height;
});
