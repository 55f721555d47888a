// Calls of @kapso/whatsapp-cloud-api against the emulator. Prints what each answered, as JSON.
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const { EMULATOR, TOKEN, SECRET, NUMBER, ACCOUNT, TO, WEBHOOKS } = process.env;
const client = new WhatsAppClient({ accessToken: TOKEN, baseUrl: EMULATOR, graphVersion: "v25.0" });
const [phoneNumberId, businessAccountId] = [NUMBER, ACCOUNT];
const told = (error) => ({ code: error.code, status: error.httpStatus });
const send = (kind, content) => client.messages[kind]({ phoneNumberId, to: TO, ...content });
const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 1, 2, 3]);

const media = await client.media.upload({ phoneNumberId, type: "image", file: new Blob([png], { type: "image/png" }), fileName: "a.png" });
// A URL of a file is opened by the token alone: this client sends it to other hosts than its own only when told so.
const download = async (auth) => {
  const answer = await client.media.download({ mediaId: media.id, auth, as: "response" });
  return { status: answer.status, bytes: answer.ok ? [...new Uint8Array(await answer.arrayBuffer())] : await answer.json() };
};

const answers = {
  text: await send("sendText", { body: "Hello" }),
  image: await send("sendImage", { image: { id: media.id, caption: "look" } }),
  buttons: await send("sendInteractiveButtons", { bodyText: "Which?", buttons: [{ id: "yes", title: "Yes" }] }),
  list: await send("sendInteractiveList", { bodyText: "Which?", buttonText: "Choose", sections: [{ title: "All", rows: [{ id: "one", title: "One" }] }] }),
  link: await send("sendInteractiveCtaUrl", { bodyText: "Look", parameters: { displayText: "Open", url: "https://e.org" } }),
  carousel: await send("sendInteractiveCarousel", {
    bodyText: "Which?",
    cards: ["one", "two"].map((id, cardIndex) => ({
      cardIndex,
      bodyText: id,
      header: { type: "image", image: { id: media.id } },
      action: { buttons: [{ id, title: id }] },
    })),
  }),
  place: await send("sendLocation", { location: { latitude: 2, longitude: 1, name: "Here", address: "There" } }),
  contacts: await send("sendContacts", { contacts: [{ name: { formattedName: "Bo", firstName: "Bo" }, phones: [{ phone: "+15550000009", type: "CELL" }] }] }),
  template: await send("sendTemplate", { template: { name: "hello_world", language: { code: "en_US" } } }),
  unknown: await send("sendTemplate", { template: { name: "nowhere", language: { code: "en_US" } } }).catch(told),
  described: await client.media.get({ mediaId: media.id }),
  withToken: await download("always"),
  withoutToken: await download("auto"),
  templates: await client.templates.list({ businessAccountId, status: "APPROVED", limit: 5 }),
  made: await client.templates.create({
    businessAccountId,
    name: "order_ready",
    language: "en_US",
    category: "UTILITY",
    components: [{ type: "BODY", text: "Your order {{1}} is ready today.", example: { body_text: [["12"]] } }],
  }),
  gone: await client.templates.delete({ businessAccountId, name: "order_ready" }),
  settings: await client.phoneNumbers.settings.get({ phoneNumberId }),
  changed: await client.phoneNumbers.businessProfile.update({ phoneNumberId, about: "Plants" }),
  profile: await client.phoneNumbers.businessProfile.get({ phoneNumberId }),
  flows: await client.flows.list({ wabaId: businessAccountId, businessAccountId }).catch(told),
};

const heard = [];
for (const { body, signature } of JSON.parse(WEBHOOKS)) {
  const isSigned = verifySignature({ appSecret: SECRET, rawBody: Buffer.from(body), signatureHeader: signature });
  for (const message of normalizeWebhook(JSON.parse(body)).messages) {
    heard.push(isSigned && message.text?.body);
    answers.read = await client.messages.markRead({ phoneNumberId, messageId: message.id });
  }
}
console.log(JSON.stringify({ answers, heard }));
