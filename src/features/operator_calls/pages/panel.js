// Live calls, at the top of the inbox: who is on the phone, and one that the operator takes over.
import { BASE, get, send } from "../pages/api.js";
import { make, redraw, tell } from "../pages/format.js";
import { list } from "../pages/list.js";
import { openKey, update } from "../pages/thread.js";

const LOOK = 2000; // ms between two looks
const GATHER_LIMIT = 1500; // ms: without a network card the browser never finishes

document.head.append(make("link", { rel: "stylesheet", href: `${BASE}calls/panel.css` }));
const panel = make("section", { id: "calls", hidden: true, ariaLabel: "Voice calls" }, make("ul"));
const sound = make("audio", { id: "operator-audio", autoplay: true });
document.querySelector("main").before(panel, sound);
document.body.classList.add("with-calls");
const inThread = button("Take the call", () => take(calls.find(({ key }) => key === openKey())), "main");
inThread.id = "take-call";
document.getElementById("take").before(inThread);

let calls = [];
let iceServers = [];
let mine = null; // {call, leg, name, peer, microphone, isConnected, isUp, words}

async function look() {
  const told = await get("calls").catch(() => null);
  if (!told) return;
  calls = told.calls;
  iceServers = told.ice_servers ?? [];
  const isNoted = calls.some((one) => one.call === mine?.call && one.is_mine);
  if (mine?.isUp && !isNoted) stop(mine.words ?? "The call is over.");
  else if (mine?.isConnected) mine.isUp = isNoted;
  if (calls.some((one) => one.is_waiting && !one.operator)) ring();
  draw();
}

function draw() {
  const shown = calls.filter((one) => one.call !== mine?.call);
  panel.hidden = !shown.length && !mine;
  inThread.hidden = Boolean(mine) || !shown.some(({ key, operator }) => key === openKey() && !operator);
  const focused = document.activeElement?.closest("#calls button")?.textContent;
  redraw(panel.firstElementChild, ...(mine ? [ownCall()] : []), ...shown.map(line));
  if (focused) [...panel.querySelectorAll("button")].find((one) => one.textContent === focused)?.focus();
  tick();
}

function line(one) {
  const who = one.has_chat ? button(one.name, () => list.onOpen(one.key), "quiet") : make("strong", { textContent: one.name });
  const state = one.operator ? `${one.operator} talks` : one.is_waiting ? "waits for an operator" : "talks with the bot";
  const badge = make("span", { className: one.is_waiting && !one.operator ? "badge waits" : "badge", textContent: state });
  const mayTake = !one.operator && !mine;
  const act = mayTake ? button("Take the call", () => take(one), "main") : null;
  if (act) act.ariaLabel = `Take the call of ${one.name}`;
  return make("li", {}, "📞 ", who, clock(one.since), badge, act);
}

function ownCall() {
  const name = mine.isUp ? `You talk with ${mine.name}` : `Connecting you with ${mine.name}…`;
  const mute = button("Mute", toggleMute);
  mute.ariaPressed = String(Boolean(mine.isMuted));
  const ways = mine.isUp ? [mute, button("Hand the call back", () => end("hand_back")), button("Hang up", () => end("hang_up"), "danger")] : [];
  return make("li", { className: "own" }, "📞 ", make("strong", { textContent: name }), clock(mine.since), ...ways);
}

const clock = (since) => Object.assign(make("time"), { dateTime: since });

function tick() {
  for (const one of panel.querySelectorAll("time")) {
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(one.dateTime)) / 1000));
    one.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function button(textContent, onclick, className = "") {
  return make("button", { type: "button", textContent, onclick, className });
}

function ring() {
  if (mine || !navigator.userActivation?.hasBeenActive) return; // browsers play nothing before
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.3);
  tone.onended = () => audio.close();
}

// ---- the own call

async function take(one) {
  if (mine || !one) return;
  const peer = new RTCPeerConnection({ iceServers: iceServers.map((urls) => ({ urls })) });
  const taken = (mine = { call: one.call, key: one.key, name: one.name, since: new Date().toISOString(), leg: crypto.randomUUID(), peer });
  draw();
  try {
    if (!navigator.mediaDevices) throw new Error("Browsers give pages the microphone only over HTTPS.");
    taken.microphone = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => {
      throw new Error("The browser gives this page no microphone. Allow it, and try again.");
    });
    peer.ontrack = ({ track }) => (sound.srcObject = new MediaStream([track]));
    peer.onconnectionstatechange = () => follow(taken);
    const { sender } = peer.addTransceiver(taken.microphone.getAudioTracks()[0], { direction: "sendrecv" });
    await peer.setLocalDescription(await peer.createOffer());
    const { sdp } = await send("POST", "calls/take", { call: one.call }, { leg: taken.leg, sdp: await gathered(peer) });
    sender.transport.onstatechange = look;
    await peer.setRemoteDescription({ type: "answer", sdp });
    if (openKey() === one.key) update();
    else if (one.has_chat) list.onOpen(one.key);
  } catch (error) {
    if (mine === taken) stop(error.message);
  }
}

async function gathered(peer) {
  await new Promise((done) => {
    if (peer.iceGatheringState === "complete") return done();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
    setTimeout(done, GATHER_LIMIT);
  });
  return peer.localDescription.sdp;
}

function follow(taken) {
  if (mine !== taken) return;
  const { connectionState: state } = taken.peer;
  if (state === "failed" || state === "closed") return stop("The connection broke off: the bot talks on.");
  if (state !== "connected" || taken.isConnected) return;
  taken.isConnected = true;
  taken.since = new Date().toISOString();
  waitUntilNoted(taken);
}

// Nobody can hang up or hand back a call before the bot has noted that it is theirs.
async function waitUntilNoted(taken) {
  await look();
  if (mine === taken && !taken.isUp) setTimeout(waitUntilNoted, 250, taken);
}

function toggleMute() {
  mine.isMuted = !mine.isMuted;
  mine.microphone.getAudioTracks()[0].enabled = !mine.isMuted;
  draw();
}

async function end(wish) {
  const ending = mine;
  ending.words = wish === "hang_up" ? "You have hung up." : "The bot talks again.";
  try {
    await send("POST", "calls/end", { leg: ending.leg }, { wish });
  } catch (error) {
    delete ending.words;
    return tell(error.message);
  }
  if (mine === ending) stop(ending.words);
  if (ending.key === openKey()) update();
}

function stop(words) {
  mine.microphone?.getTracks().forEach((track) => track.stop());
  mine.peer.close();
  mine = null;
  sound.srcObject = null;
  tell(words);
  draw();
  look();
}

setInterval(look, LOOK);
setInterval(tick, 1000);
document.addEventListener("news", look);
addEventListener("pagehide", () => mine?.peer.close()); // else the caller hears silence until packets are missed
new MutationObserver(draw).observe(document.getElementById("name"), { childList: true }); // another conversation
look();
