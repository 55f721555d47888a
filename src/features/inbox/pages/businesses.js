// The businesses whose inboxes this browser has opened, and who waits there.
import { make } from "./format.js";
import { forget, knownInboxes, nameOf } from "./known.js";

const list = document.getElementById("businesses");
const EVERY = 15_000;

async function countsOf(path) {
  try {
    const answer = await fetch(`${path}api/counts`);
    return answer.ok ? await answer.json() : { status: answer.status };
  } catch {
    return { status: 0 };
  }
}

function row(path, counts) {
  const isOut = counts.status === 401;
  const link = make("a", { className: "business", href: isOut ? `${path}sign-in` : path.slice(0, -1) });
  link.append(make("strong", { textContent: nameOf(path) }), ...states(counts));
  const made = make("li", {}, link);
  if (isOut || counts.status === 404) made.append(remover(path));
  return made;
}

function states({ status, waiting, unread, mentions }) {
  if (status === 401) return [badge("signed out: open to sign in")];
  if (status !== undefined) return [badge("cannot be reached")];
  const shown = [];
  if (waiting) shown.push(badge(`${waiting} waiting`, "waits"));
  if (unread) shown.push(badge(`${unread} unread`, "unread"));
  if (mentions) shown.push(badge(`${mentions} call you`, "waits"));
  return shown.length ? shown : [badge("nothing new")];
}

const badge = (textContent, kind = "") => make("span", { className: `badge ${kind}`, textContent });

function remover(path) {
  const button = make("button", { type: "button", className: "quiet", textContent: "Remove from this list" });
  button.addEventListener("click", () => {
    forget(path);
    draw();
  });
  return button;
}

async function draw() {
  const paths = knownInboxes();
  const counts = await Promise.all(paths.map(countsOf));
  const rows = paths.map((path, place) => ({ path, found: counts[place] }));
  rows.sort((one, other) => (other.found.waiting ?? -1) - (one.found.waiting ?? -1));
  list.replaceChildren(...rows.map(({ path, found }) => row(path, found)));
}

draw();
setInterval(() => document.hidden || draw(), EVERY);
document.addEventListener("visibilitychange", () => document.hidden || draw());
