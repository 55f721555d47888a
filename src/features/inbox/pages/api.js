// What the pages ask the bot for.

// Path of the inbox: a business of several has its own, below /tenants.
export const BASE = new URL("..", import.meta.url).pathname;
export const HOME = BASE.slice(0, -1);

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value);
  return `${BASE}api/${path}?${new URLSearchParams(given)}`;
}

async function answerOf(response) {
  if (response.status === 401 && !location.pathname.endsWith("/sign-in")) {
    location.assign(`${BASE}sign-in`);
  }
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Error(answer.message ?? "That did not work. Try again.");
  }
  return response.status === 204 ? null : response.json();
}

async function asked(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Error("The bot cannot be reached. Try again in a moment.");
  }
}

export async function get(path, query = {}) {
  return answerOf(await asked(address(path, query)));
}

// What was sent and not answered yet, or not heard of. The same once more is the same attempt, which
// the bot carries out once.
const attempts = new Map();

function attemptAt(what) {
  if (!attempts.has(what)) {
    attempts.set(what, crypto.getRandomValues(new Uint32Array(4)).join("-"));
  }
  return attempts.get(what);
}

// `more` is added to the body, and tells no attempt from another.
export async function send(method, path, query = {}, body = undefined, more = {}) {
  const isFile = body instanceof Blob;
  const content = isFile ? [body.size, body.lastModified] : body;
  const what = JSON.stringify([method, path, query, content]);
  const headers = { "X-Inbox": attemptAt(what) };
  if (body !== undefined && !isFile) headers["Content-Type"] = "application/json";
  const sent = isFile || body === undefined ? body : JSON.stringify({ ...body, ...more });
  const answer = await asked(address(path, query), { method, headers, body: sent });
  if (answer.status < 500) attempts.delete(what);
  return answerOf(answer);
}

export function fileOf(messageId) {
  return address("media", { id: messageId });
}
