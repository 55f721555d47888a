// Which colleagues look at the open conversation, and who types an answer.
import { send } from "./api.js";

const others = document.getElementById("others");
const text = document.getElementById("composer").elements.text;

const EVERY = 8_000; // milliseconds
let looked = ""; // key of the open conversation
let typedAt = 0;

export function lookAt(key) {
  looked = key;
  others.hidden = true;
  say();
}

async function say({ isTyping = false } = {}) {
  if (document.hidden) return;
  const key = looked;
  try {
    const found = await send("POST", "presence", { key }, { is_typing: isTyping });
    if (key === looked) show(found.others);
  } catch {
    others.hidden = true; // the page says itself that the bot cannot be reached
  }
}

function show(found) {
  const typing = found.filter((one) => one.is_typing).map((one) => one.name);
  const names = found.map((one) => one.name).join(", ");
  const isAre = (some) => (some.length === 1 ? "is" : "are");
  others.textContent = typing.length
    ? `${typing.join(", ")} ${isAre(typing)} writing`
    : `${names} ${isAre(found)} here, too`;
  others.hidden = !found.length;
  others.classList.toggle("typing", typing.length > 0);
}

text.addEventListener("input", () => {
  if (!looked || Date.now() - typedAt < 3_000) return;
  typedAt = Date.now();
  say({ isTyping: true });
});
setInterval(() => {
  if (looked) say({ isTyping: Date.now() - typedAt < 3_000 });
}, EVERY);
document.addEventListener("visibilitychange", () => {
  if (looked) say();
});
