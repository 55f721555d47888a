// What an operator writes: replies, notes, files and templates.
import { make, redraw, tell } from "./format.js";
import { chooseTime } from "./later.js";
import { chooseReply } from "./saved.js";
import { showSummary } from "./summary.js";
import { chooseTemplate } from "./template.js";

const composer = document.getElementById("composer");
const text = composer.elements.text;
const hint = document.getElementById("hint");
const quoted = document.getElementById("quoted");
const chooser = document.getElementById("file");
const template = document.getElementById("template");
const later = document.getElementById("schedule");
const draft = document.getElementById("draft");
const summary = document.getElementById("summary");
const call = document.getElementById("call");

const MAX_FILE = 16 * 1024 * 1024;
const drafts = new Map();
let shown = null; // the open conversation
let act = null; // does something in it
let quotes = null; // the message that the reply quotes

const isNote = () => composer.elements.kind.value === "note";

export function compose(conversation, doing) {
  const isOther = shown?.thread.key !== conversation.thread.key;
  if (isOther && shown) drafts.set(shown.thread.key, text.value);
  shown = conversation;
  act = doing;
  if (isOther) {
    quote(null);
    text.value = drafts.get(shown.thread.key) ?? "";
  }
  explain();
}

export function quote(one) {
  quotes = one;
  quoted.hidden = !one;
  quoted.firstElementChild.textContent = one ? `Quotes: ${one.text ?? one.kind}` : "";
  if (one) text.focus();
}

function explain() {
  const { person, thread } = shown;
  let words = isNote() ? "Only your team sees a note." : "";
  if (!isNote() && person.opted_out_at) words = "This person wants no more messages (STOP).";
  else if (!isNote() && person.is_window_closed) {
    words = "They wrote more than 24 hours ago: send a template, and they can answer.";
  } else if (!isNote() && thread.holder === "bot") {
    words = "Your reply takes over: the bot falls silent until you hand back.";
  }
  hint.textContent = words;
  composer.classList.toggle("note", isNote());
  chooser.parentElement.hidden = isNote();
  summary.hidden = !shown.has_drafts;
  const isBots = thread.holder === "bot" || thread.holder === "nobody";
  composer.elements.back.hidden = isNote() || isBots;
  template.hidden = isNote();
  // nothing else reaches somebody whose window is closed
  const takesTemplates = person.is_window_closed && !person.opted_out_at;
  template.className = takesTemplates ? "main" : "quiet";
  later.hidden = isNote();
  draft.hidden = isNote() || !shown.has_drafts;
  redraw(call, ...(isNote() ? shown.operators.map(caller) : []));
  text.placeholder = isNote() ? "A note to your team" : "Write a reply";
  composer.elements.send.textContent = isNote() ? "Keep note" : "Send";
}

function caller(name) {
  const button = make("button", { type: "button", className: "quiet", textContent: `@${name}` });
  button.title = `Tell ${name} of this note`;
  button.addEventListener("click", () => {
    const before = text.value.replace(/(^|\s)@\S*$/, "$1"); // an @ that was typed already
    text.value = `${before}${before && !/\s$/.test(before) ? " " : ""}@${name} `;
    text.focus();
  });
  return button;
}

async function submit({ handsBack = false } = {}) {
  if (!text.value.trim()) return text.focus();
  const body = { text: text.value, quotes: isNote() ? null : (quotes?.id ?? null) };
  if (handsBack) body.hands_back = true;
  await working(act(isNote() ? "note" : "reply", body));
}

async function sendFile(file) {
  if (isNote()) return tell("Notes take no files.");
  if (file.size > MAX_FILE) return tell("Files may have 16 MB.");
  const query = { name: file.name || "file", caption: text.value.trim().slice(0, 1024) };
  hint.textContent = `Sending ${query.name}…`;
  await working(act("file", file, { query }));
}

async function working(done) {
  composer.elements.send.disabled = true;
  if (await done) {
    text.value = "";
    quote(null);
    const log = document.getElementById("messages");
    log.scrollTop = log.scrollHeight;
  }
  composer.elements.send.disabled = false;
  explain();
  text.focus();
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
composer.elements.back.addEventListener("click", () => submit({ handsBack: true }));
composer.addEventListener("change", explain);
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
text.addEventListener("paste", (event) => {
  const [file] = event.clipboardData.files;
  if (!file) return;
  event.preventDefault();
  sendFile(file);
});
chooser.addEventListener("change", () => {
  if (chooser.files[0]) sendFile(chooser.files[0]);
  chooser.value = "";
});
const tools = document.getElementById("tools"); // on small screens
tools.addEventListener("click", () => {
  const isOpen = tools.getAttribute("aria-expanded") === "true";
  tools.setAttribute("aria-expanded", String(!isOpen));
});
document.getElementById("saved").addEventListener("click", () => chooseReply(text, shown.person));
template.addEventListener("click", () => chooseTemplate(act, shown.person));
later.addEventListener("click", () => chooseTime(text, act));
draft.addEventListener("click", async () => {
  draft.disabled = true;
  hint.textContent = "The assistant writes…";
  const { key } = shown.thread;
  const written = await act("draft");
  if (written && key === shown.thread.key) text.value = [text.value.trim(), written.text].filter(Boolean).join("\n");
  draft.disabled = false;
  explain();
  text.focus();
});
summary.addEventListener("click", async () => {
  summary.disabled = true;
  hint.textContent = "The assistant reads the conversation…";
  const { key } = shown.thread;
  const written = await act("summary");
  summary.disabled = false;
  explain();
  if (written && key === shown.thread.key) showSummary(written.text, (kept) => act("note", { text: kept }));
});
quoted.querySelector("button").addEventListener("click", () => quote(null));

const panel = document.getElementById("thread");
panel.addEventListener("dragover", (event) => {
  event.preventDefault();
  panel.classList.add("drop");
});
panel.addEventListener("dragleave", () => panel.classList.remove("drop"));
panel.addEventListener("drop", (event) => {
  event.preventDefault();
  panel.classList.remove("drop");
  for (const file of event.dataTransfer.files) sendFile(file);
});
