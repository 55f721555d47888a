// A voice note as WhatsApp sends it: Opus in Ogg. Chromium records the same Opus in WebM, so its
// packets are moved over as they are. Sources: RFC 3533 (Ogg), RFC 7845 and 6716 (Opus),
// matroska.org (WebM).

export const VOICE = "audio/ogg; codecs=opus";

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const OPENED = new Set([SEGMENT, CLUSTER, TRACKS, TRACK]); // whose children are of interest
const RATE = 48_000;
const SERIAL = 1;

/** The same recording as an Ogg blob. */
export async function asOgg(webm) {
  const packets = [];
  let head = null;
  for (const [id, data] of elements(new Uint8Array(await webm.arrayBuffer()))) {
    if (id === CODEC_PRIVATE) head = data;
    if (id === SIMPLE_BLOCK) packets.push(data.subarray(4)); // after track, time (2 bytes) and flags
  }
  const tags = new TextEncoder().encode("OpusTags\x08\0\0\0emulator\0\0\0\0");
  const pages = [page(head, { sequence: 0, position: 0, flags: 2 }), page(tags, { sequence: 1, position: 0, flags: 0 })];
  let position = 0;
  packets.forEach((packet, index) => {
    position += samples(packet);
    const flags = index === packets.length - 1 ? 4 : 0;
    pages.push(page(packet, { sequence: index + 2, position, flags }));
  });
  return new Blob(pages, { type: VOICE });
}

/** [id, data] of each element, at any depth that is opened. */
function* elements(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const [id, afterId] = number(bytes, at, { marked: true });
    const [size, start] = number(bytes, afterId, { marked: false });
    if (OPENED.has(id)) {
      at = start; // also where the size is unknown, as in what is recorded live
    } else {
      yield [id, bytes.subarray(start, start + size)];
      at = start + size;
    }
  }
}

/** A number of variable length, and where it ends. An id keeps the bit that marks its length. */
function number(bytes, at, { marked }) {
  const length = Math.clz32(bytes[at]) - 23;
  let value = marked ? bytes[at] : bytes[at] & ((1 << (8 - length)) - 1);
  for (let next = 1; next < length; next += 1) value = value * 256 + bytes[at + next];
  return [value, at + length];
}

/** How long a packet lasts, in samples: its first byte tells the length and number of its frames. */
function samples(packet) {
  const config = packet[0] >> 3;
  const milliseconds = config < 12 ? [10, 20, 40, 60][config % 4] : config < 16 ? [10, 20][config % 2] : [2.5, 5, 10, 20][config % 4];
  const frames = [1, 2, 2, packet[1] & 63][packet[0] & 3];
  return (milliseconds * frames * RATE) / 1000;
}

function page(packet, { sequence, position, flags }) {
  const segments = [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const made = new Uint8Array([...new TextEncoder().encode("OggS"), 0, flags, ...Array(20).fill(0), segments.length, ...segments, ...packet]);
  const view = new DataView(made.buffer);
  view.setBigUint64(6, BigInt(position), true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, sequence, true);
  view.setUint32(22, checksum(made), true);
  return made;
}

function checksum(bytes) {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}
