// A voice note that is being recorded: how long it is, and whether it is sent.

import { VOICE, asOgg } from "./ogg.js";

const $ = (id) => document.getElementById(id);
const TYPES = [VOICE, "audio/webm; codecs=opus", "audio/mp4"];
let recorder = null;
let isWanted = false;
let began = 0; // milliseconds
let ticking = null;

export const isOn = () => recorder !== null;

function showTime() {
  const seconds = Math.floor((performance.now() - began) / 1000);
  $("recorded").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function show(isShown) {
  for (const id of ["attach", "text", "record"]) $(id).hidden = isShown;
  $("recording").hidden = !isShown;
  clearInterval(ticking);
  if (isShown) ticking = setInterval(showTime, 250);
  showTime();
  (isShown ? $("send") : $("text")).focus();
}

/** End the recording; it is sent unless the person cancels. */
export function finish({ isSent = true } = {}) {
  isWanted = isSent;
  recorder?.stop();
}

async function begin(send) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
  const chunks = [];
  recorder = new MediaRecorder(stream, { mimeType: type });
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  recorder.onstop = async () => {
    recorder = null;
    stream.getTracks().forEach((track) => track.stop());
    show(false);
    const recorded = new Blob(chunks, { type });
    if (isWanted) await send(type.includes("webm") ? await asOgg(recorded) : recorded);
  };
  recorder.start();
  began = performance.now();
  show(true);
}

export function setUp({ send, tell }) {
  $("record").addEventListener("click", () => begin(send).catch((error) => tell(`No microphone: ${error.message}`)));
  $("record-cancel").addEventListener("click", () => finish({ isSent: false }));
  $("composer").addEventListener("keydown", ({ key }) => key === "Escape" && finish({ isSent: false }));
}
