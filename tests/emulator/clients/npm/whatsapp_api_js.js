// Calls of whatsapp-api-js against the emulator. Prints what each answered, as JSON.
import { WhatsAppAPI } from "whatsapp-api-js";
import { ActionButtons, ActionCTA, ActionList, Body, Button, Image, Interactive, Language, ListSection, Location, Row, Template, Text } from "whatsapp-api-js/messages";

const { EMULATOR, TOKEN, SECRET, NUMBER, TO, WEBHOOKS } = process.env;
const here = (url, init) => fetch(String(url).replace("https://graph.facebook.com", EMULATOR), init);
const heard = [];

const api = new WhatsAppAPI({
  token: TOKEN,
  appSecret: SECRET,
  v: "v25.0",
  ponyfill: { fetch: here, subtle: globalThis.crypto.subtle },
});
api.on.message = ({ message }) => void heard.push(message.text?.body ?? message.interactive?.list_reply?.id ?? message.type);
api.on.status = ({ status }) => void heard.push(status);

const list = new ActionList("Choose", new ListSection("All", new Row("one", "One")));
const file = new FormData();
file.set("type", "image/png");
file.set("file", new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])], { type: "image/png" }), "a.png");
file.set("messaging_product", "whatsapp");
const send = (message) => api.sendMessage(NUMBER, TO, message);

const answers = {
  text: await send(new Text("Hello")),
  buttons: await send(new Interactive(new ActionButtons(new Button("yes", "Yes")), new Body("Which?"))),
  list: await send(new Interactive(list, new Body("Which?"))),
  link: await send(new Interactive(new ActionCTA("Open", "https://e.org"), new Body("Look"))),
  place: await send(new Location(2, 1)),
  template: await send(new Template("hello_world", new Language("en_US"))),
  media: await api.uploadMedia(NUMBER, file),
  unknown: await send(new Template("nowhere", new Language("en_US"))),
};
answers.image = await send(new Image(answers.media.id, true, "look"));
answers.fetched = await api.retrieveMedia(answers.media.id);
answers.code = await api.createQR(NUMBER, "hi", "png");
answers.codes = await api.retrieveQR(NUMBER);
answers.blocked = await api.blockUser(NUMBER, TO);
answers.unblocked = await api.unblockUser(NUMBER, TO);
for (const { body, signature } of JSON.parse(WEBHOOKS)) {
  await api.post(JSON.parse(body), body, signature);
}
console.log(JSON.stringify({ answers, heard }));
