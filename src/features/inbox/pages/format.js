// Small things that all parts of the page are made of.

export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}

const DAY = 86_400_000;
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const clock = (iso) => time.format(new Date(iso));
export const fullTime = (iso) => moment.format(new Date(iso));
export const dayOf = (iso) => day.format(new Date(iso));

export function shortTime(iso) {
  const at = new Date(iso);
  if (at.toDateString() === new Date().toDateString()) return time.format(at);
  return (Date.now() - at < 6 * DAY ? weekday : day).format(at);
}

// "5 min", "3 h", "2 d"; nothing for less than a minute
export function waited(iso) {
  const minutes = Math.max(0, Math.floor((Date.now() - new Date(iso)) / 60_000));
  if (!minutes) return "";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

const LINK = /(https?:\/\/[^\s<>"']+)/;
const BOLD = /\*(\S(?:[^*\n]*\S)?)\*/;

// The text with links and bold words, and nothing that a browser would run.
export function formatted(text) {
  return text.split(LINK).flatMap((part, place) => (place % 2 ? [link(part)] : bold(part)));
}

function link(href) {
  return make("a", { href, target: "_blank", rel: "noreferrer noopener", textContent: href });
}

function bold(text) {
  return text
    .split(BOLD)
    .map((part, place) => (place % 2 ? make("strong", { textContent: part }) : part));
}

export function tell(text) {
  const said = document.getElementById("said");
  said.textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (said.textContent = ""), 6000);
}
