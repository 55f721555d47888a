// Small things that all parts of the page are made of.

export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}

// Puts new children into a part, and leaves those in place that would be made alike: a button under
// the pointer stays the one that is pressed, and what plays goes on.
export function redraw(part, ...children) {
  const before = new Map([...part.children].map((one) => [one.drawn, one]));
  const wanted = children.map((one) => {
    one.drawn = one.outerHTML;
    const same = before.get(one.drawn);
    before.delete(one.drawn);
    return same ?? one;
  });
  const kept = new Set(wanted);
  for (const one of [...part.children]) if (!kept.has(one)) one.remove();
  wanted.forEach((one, place) => {
    if (part.children[place] !== one) part.insertBefore(one, part.children[place] ?? null);
  });
}

const DAY = 86_400_000;
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const longAgo = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const clock = (iso) => time.format(new Date(iso));
export const fullTime = (iso) => (isThisYear(iso) ? moment : longAgo).format(new Date(iso));
const isThisYear = (iso) => new Date(iso).getFullYear() === new Date().getFullYear();
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
  (document.querySelector("dialog[open]") ?? document.body).append(said); // a dialog is above all else
  said.textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (said.textContent = ""), 6000);
}
