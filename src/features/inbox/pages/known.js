// The inboxes that this browser has opened: each business has one, and none knows of the others.
import { BASE } from "./api.js";

const STORED_AS = "inboxes";

export function knownInboxes() {
  try {
    const found = JSON.parse(localStorage.getItem(STORED_AS) ?? "[]");
    return found.filter((one) => /^(\/tenants\/[a-z0-9-]+)?\/inbox\/$/.test(one));
  } catch {
    return [];
  }
}

function keep(paths) {
  localStorage.setItem(STORED_AS, JSON.stringify([...new Set(paths)].sort()));
}

export const remember = () => keep([...knownInboxes(), BASE]);

export const forget = (path = BASE) => keep(knownInboxes().filter((one) => one !== path));

export function nameOf(path) {
  const [, , business] = path.match(/^\/(tenants\/)?([a-z0-9-]+)/);
  return path === "/inbox/" ? location.host : business.replaceAll("-", " ");
}
