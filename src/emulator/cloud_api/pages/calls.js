// Voice calls of the phone: real audio between this page and the bot, by WebRTC. There is one at a time.

import { el } from "./bubbles.js";
import { ask } from "./line.js";

const CALLS = "/emulator/phone/calls";
const KEYS = [..."123456789*0#"];
const KEY_NAMES = { "*": "star", "#": "pound" };
const GATHER_LIMIT = 1500; // ms: without a network card the browser never finishes
const BYE = 4000; // ms for which the end of a call stays on the screen

const $ = (id) => document.getElementById(id);
const post = (path, body = {}) => ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

let call = null; // {id, person, isIncoming, state, peer, sound, microphone, answeredAt, firstPacketAt, isAnswering}
let clockAhead = () => 0; // seconds that the emulator's clock is ahead of ours

const endings = {
  missed: (one) => (one.isIncoming ? "Missed call" : "No answer"),
  declined: (one) => (one.isIncoming ? "Declined" : "The business declined the call"),
  completed: (one) => `Call ended · ${clock(one.seconds ?? 0)}`,
};

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Call the business as a person; `payloads` are those of the button or link that was tapped. */
export async function dial(person, payloads = {}) {
  if (call) throw new Error("You are in a call already.");
  call = begin({ person, isIncoming: false, state: "dialling" });
  const mine = call;
  try {
    const source = await openMicrophone(mine);
    mine.sender = mine.peer.addTransceiver(source, { direction: "sendrecv" }).sender;
    await mine.peer.setLocalDescription(await mine.peer.createOffer());
    const sdp = await gathered(mine.peer);
    const { wa_id: from, name, hides_phone: hide_phone } = person;
    const made = await post(CALLS, { from, name, hide_phone, sdp, ...payloads });
    mine.id = made.id;
    if (call !== mine) return post(`${CALLS}/${made.id}/hang-up`); // hung up meanwhile
    move(mine, made);
    for (const told of mine.early.splice(0)) if (told.id === mine.id) await follow(told);
  } catch (error) {
    close(mine, "The call failed");
    throw error;
  }
}

/** Take a change of a call, as the emulator tells it. */
export async function follow(told, person) {
  if (call && !call.id) call.early.push(told); // the answer to our own request is still on its way
  if (told.id === call?.id) return move(call, told);
  if (!call && told.state === "calling" && told.sdp) return ring(told, person);
}

/** A call of the business: connect, then ring. Nothing is sent before it is answered. */
async function ring(told, person) {
  call = begin({ id: told.id, person, isIncoming: true, state: "calling" });
  const mine = call;
  await mine.peer.setRemoteDescription({ type: "offer", sdp: told.sdp });
  const [{ sender }] = mine.peer.getTransceivers();
  mine.peer.getTransceivers()[0].direction = "sendrecv";
  mine.sender = sender;
  await mine.peer.setLocalDescription(await mine.peer.createAnswer());
  const sdp = await gathered(mine.peer);
  // another page of this emulator may have been faster
  const joined = await post(`${CALLS}/${mine.id}/join`, { sdp }).catch(() => null);
  if (joined) move(mine, joined);
  else close(mine, "");
}

async function answer() {
  const mine = call;
  if (!mine || mine.isAnswering) return;
  mine.isAnswering = true;
  await mine.sender.replaceTrack(await openMicrophone(mine));
  await post(`${CALLS}/${mine.id}/answer`);
}

async function hangUp() {
  const mine = call;
  if (!mine) return;
  if (!mine.id) return close(mine, "Call cancelled");
  await post(`${CALLS}/${mine.id}/hang-up`);
}

async function move(mine, told) {
  if (mine.state === "ended") return;
  const isNew = mine.state !== told.state;
  Object.assign(mine, { state: told.state, outcome: told.outcome, seconds: told.seconds });
  if (told.answered_at && !mine.answeredAt) mine.answeredAt = told.answered_at - clockAhead();
  if (told.state === "ended") return close(mine, endings[told.outcome](mine));
  if (told.sdp && !mine.isIncoming && !mine.hasAnswer) {
    mine.hasAnswer = true;
    await mine.peer.setRemoteDescription({ type: "answer", sdp: told.sdp });
  }
  if (told.state === "talking" && isNew) reportEarly(mine);
  show();
}

// ---- audio

function begin(given) {
  const peer = new RTCPeerConnection({ iceServers: [] });
  const made = { ...given, peer, early: [], watch: setInterval(() => watch(made), 50) };
  peer.ontrack = ({ track }) => ($("call-audio").srcObject = new MediaStream([track]));
  peer.onconnectionstatechange = () => show();
  clearTimeout(begin.bye);
  call = made;
  show();
  if (!made.isIncoming) $("call-end").focus(); // the button that was pressed is disabled now
  return made;
}

/** Return the microphone, or without one a tone that is only heard while its button is held. */
async function openMicrophone(mine) {
  try {
    mine.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    return mine.microphone.getAudioTracks()[0];
  } catch {
    const context = (mine.context = new AudioContext());
    const [tone, gate, out] = [context.createOscillator(), context.createGain(), context.createMediaStreamDestination()];
    tone.connect(gate).connect(out);
    gate.gain.value = 0;
    tone.start();
    mine.gate = gate.gain;
    return out.stream.getAudioTracks()[0];
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

/** A real phone counts a call as answered at its first packet of audio, so the clock starts then, too. */
async function watch(mine) {
  if (mine.since) showClock(mine);
  if (mine.firstPacketAt || mine.state === "ended") return;
  const stats = await mine.peer.getStats().catch(() => new Map());
  for (const one of stats.values()) {
    if (one.type !== "inbound-rtp" || !one.packetsReceived || mine.firstPacketAt) continue;
    mine.firstPacketAt = Date.now() / 1000;
    mine.packets = one.packetsReceived;
    show();
  }
}

/** Tell the emulator of audio that came before the call was answered. */
function reportEarly(mine) {
  const isEarly = !mine.isIncoming && mine.firstPacketAt && mine.firstPacketAt < mine.answeredAt - 0.1;
  if (isEarly) post(`${CALLS}/${mine.id}/report`, { early_packets: mine.packets });
}

function press(key) {
  if (!call?.sender?.dtmf?.canInsertDTMF) return;
  const waiting = call.sender.dtmf.toneBuffer;
  call.sender.dtmf.insertDTMF(waiting + key, 100, 70);
  $("call-keys-pressed").textContent += key;
  post(`${CALLS}/${call.id}/report`, { keys: key });
}

function close(mine, words) {
  mine.state = "ended";
  clearInterval(mine.watch);
  mine.peer.close();
  mine.microphone?.getTracks().forEach((track) => track.stop());
  mine.context?.close();
  if (call !== mine) return;
  call = null;
  $("call-audio").srcObject = null;
  show();
  $("call-screen").hidden = !words;
  $("call-state").textContent = words;
  if (document.activeElement === document.body) $("call").focus(); // its own button is gone
  begin.bye = setTimeout(() => ($("call-screen").hidden = Boolean(words)), BYE);
}

// ---- what is shown

const WORDS = { dialling: "Calling…", calling: "Connecting…", ringing: "Ringing…", prepared: "Ringing…" };

function show() {
  const isTalking = Boolean(call && (call.state === "talking" || (call.firstPacketAt && !call.isIncoming)));
  const isOffered = Boolean(call?.isIncoming && call.state === "ringing");
  $("call").disabled = Boolean(call);
  $("call-screen").hidden = !call;
  $("call-answer").hidden = !isOffered;
  $("call-end").firstElementChild.textContent = isOffered ? "Decline" : "Hang up";
  $("call-end").hidden = !call;
  $("call-mute").hidden = !isTalking || !call.microphone;
  $("call-tone").hidden = !isTalking || !call.gate;
  $("call-no-microphone").hidden = !call?.gate;
  $("call-pad").hidden = !isTalking;
  $("call-keys").hidden = !isTalking || $("call-pad").ariaExpanded !== "true";
  if (!call) return reset();
  $("call-who").textContent = call.isIncoming ? `Your business calls ${call.person.name}` : `${call.person.name} calls your business`;
  const state = $("call-state");
  if (isTalking) {
    call.since ??= call.answeredAt ?? call.firstPacketAt;
    state.textContent = call.peer.connectionState === "failed" ? "No audio: the bot cannot be reached" : "";
    showClock(call);
  } else {
    state.textContent = isOffered ? "Incoming voice call" : (WORDS[call.state] ?? "");
  }
}

function showClock({ since }) {
  $("call-clock").textContent = clock(Math.max(0, Date.now() / 1000 - since));
}

function reset() {
  $("call-clock").textContent = "";
  $("call-mute").ariaPressed = "false";
  $("call-pad").ariaExpanded = "false";
  $("call-keys-pressed").textContent = "";
}

/** Let calls of the business ring on this page. */
export const holdPhones = () => post(`${CALLS}/phones`);

/** Wire the buttons. `ahead` tells how far the emulator's clock is ahead of ours, in seconds. */
export function setUp({ ahead }) {
  clockAhead = ahead;
  $("call-keys").append(...KEYS.map((key) => el("button", { type: "button", ariaLabel: KEY_NAMES[key] ?? key, on: { click: () => press(key) } }, key)));
  $("call-answer").addEventListener("click", answer);
  $("call-end").addEventListener("click", hangUp);
  $("call-mute").addEventListener("click", ({ currentTarget }) => {
    const isMuted = currentTarget.ariaPressed !== "true";
    call.microphone.getAudioTracks()[0].enabled = !isMuted;
    currentTarget.ariaPressed = String(isMuted);
  });
  $("call-pad").addEventListener("click", ({ currentTarget }) => {
    currentTarget.ariaExpanded = String(currentTarget.ariaExpanded !== "true");
    show();
  });
  const sound = (volume) => () => call?.gate?.setTargetAtTime(volume, 0, 0.01);
  for (const event of ["pointerdown", "keydown"]) $("call-tone").addEventListener(event, sound(0.4));
  for (const event of ["pointerup", "pointerleave", "keyup", "blur"]) $("call-tone").addEventListener(event, sound(0));
  $("call-screen").addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
    if (KEYS.includes(key) && !ctrlKey && !metaKey && !altKey && !$("call-pad").hidden) press(key);
  });
  addEventListener("pagehide", () => {
    if (call?.id) fetch(`${CALLS}/${call.id}/hang-up`, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" }, keepalive: true });
  });
}
