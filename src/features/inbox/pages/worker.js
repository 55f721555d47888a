// Tells the operator while the inbox is closed. A push has no content: what there is, the bot says.

const HOME = new URL("..", self.location).pathname.slice(0, -1); // path of the inbox

async function tell() {
  let body = "Somebody needs you. Sign in to see who.";
  try {
    const answer = await fetch(`${HOME}/api/threads?show=waiting`);
    if (answer.ok) {
      const { waiting_for_me: waiting, mentions } = await answer.json();
      const parts = [];
      if (waiting) parts.push(waiting === 1 ? "One person waits for an answer" : `${waiting} people wait for an answer`);
      if (mentions) parts.push("A colleague calls you in a note");
      body = parts.join(". ") || "Nobody waits any more.";
    }
  } catch {
    // the bot cannot be reached: what is known is enough
  }
  await self.registration.showNotification("Inbox", { body, tag: "inbox", renotify: true });
}

async function show() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => new URL(one.url).pathname === HOME);
  await (page ? page.focus() : self.clients.openWindow(HOME));
}

self.addEventListener("push", (event) => event.waitUntil(tell()));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});
