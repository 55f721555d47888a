"""Opus: frames of 20 ms as packets, from speech and to samples. Needs PyAV.

PyAV neither conceals lost packets nor decodes FEC, and an empty packet ends its decoder for good.
"""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.packet import Packet

#: Duration of a packet, in seconds.
FRAME_SECONDS = 0.02
#: Clock of Opus in RTP, and its samples in a packet.
OPUS_RATE, OPUS_SAMPLES = 48_000, 960
#: What is heard and what models take: samples of 16 bit, one channel.
PCM_RATE, PCM_SAMPLES, PCM_BYTES = 24_000, 480, 960
#: Bits per second of speech: phones play 8 kHz of bandwidth.
BIT_RATE = 24_000
#: The same of files that are kept in the repository.
FILE_BIT_RATE = 16_000
#: 20 ms of silence (RFC 6716: fullband CELT, mono, one frame).
SILENCE = b"\xf8\xff\xfe"
#: Longest recording that is read, in packets: two minutes.
MAX_PACKETS = 6_000


class OpusDecoder:
    """Turns packets of one stream into samples at PCM_RATE."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.format, codec.layout, codec.sample_rate = "s16", "mono", OPUS_RATE
        self._codec = codec
        self._resampler = AudioResampler(format="s16", layout="mono", rate=PCM_RATE)

    def decode(self, payload: bytes) -> bytes:
        """Return the samples of a packet; nothing for one that is broken."""
        if not payload:
            return b""
        try:
            frames = self._codec.decode(Packet(payload))
        except av.FFmpegError:
            return b""
        for frame in frames:
            frame.pts = None
        heard = [one for frame in frames for one in self._resampler.resample(frame)]
        return b"".join(map(_samples, heard))


class OpusEncoder:
    """Turns samples at PCM_RATE into packets of 20 ms."""

    def __init__(self, *, bit_rate: int = BIT_RATE) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.format, codec.layout, codec.sample_rate = "s16", "mono", PCM_RATE
        codec.bit_rate = bit_rate
        codec.time_base = Fraction(1, PCM_RATE)
        codec.options = {
            "application": "voip", "frame_duration": "20", "fec": "1", "packet_loss": "5",
        }  # fmt: skip
        self._codec = codec
        self._rest = b""
        self._at = 0

    def encode(self, pcm: bytes) -> list[bytes]:
        """Return the packets that are full; the rest waits for more."""
        pcm, packets = self._rest + pcm, list[bytes]()
        whole = len(pcm) - len(pcm) % PCM_BYTES
        self._rest = pcm[whole:]
        for start in range(0, whole, PCM_BYTES):
            packets += self._encode(pcm[start : start + PCM_BYTES])
        return packets

    def finish(self) -> list[bytes]:
        """Return the last packets; what is short of one is filled with silence."""
        last = self.encode(bytes(-len(self._rest) % PCM_BYTES)) if self._rest else []
        return [*last, *(bytes(one) for one in self._codec.encode(None) if one.size)]

    def _encode(self, pcm: bytes) -> Iterator[bytes]:
        frame = AudioFrame(format="s16", layout="mono", samples=PCM_SAMPLES)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts, frame.time_base = PCM_RATE, self._at, Fraction(1, PCM_RATE)
        self._at += PCM_SAMPLES
        return (bytes(one) for one in self._codec.encode(frame))


def read_recording(source: Path | bytes, *, bit_rate: int = BIT_RATE) -> list[bytes]:
    """Return the packets of a recording: Ogg Opus, WAV, MP3, whatever PyAV reads.

    Raises:
        ValueError: if it is no recording.
    """
    try:
        packets = _packets_inside(source)
        return packets if packets is not None else _encoded_anew(source, bit_rate)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise ValueError(f"no recording: {type(error).__name__}") from error


def write_recording(target: Path | io.BytesIO, packets: list[bytes]) -> None:
    """Write packets as a file of Ogg Opus: the same bytes for the same packets."""
    place = str(target) if isinstance(target, Path) else target
    with av.open(place, "w", format="ogg", options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        stream.codec_context.open()
        for at, payload in enumerate(packets):
            packet = Packet(payload)
            packet.pts = packet.dts = at * OPUS_SAMPLES
            packet.time_base, packet.stream = Fraction(1, OPUS_RATE), stream
            file.mux(packet)


def is_whole_frame(payload: bytes) -> bool:
    """Return whether a packet has one frame of 20 ms (RFC 6716, 3.1)."""
    if not payload or payload[0] & 3:
        return False
    config = payload[0] >> 3
    if config < 12:
        return config % 4 == 1
    return config % 2 == 1 if config < 16 else config % 4 == 3


def _packets_inside(source: Path | bytes) -> list[bytes] | None:
    """Return the packets of a file of Opus as they are, if all have 20 ms."""
    with _opened(source) as file:
        stream = file.streams.audio[0]
        if stream.codec_context.name not in ("opus", "libopus"):
            return None
        packets = [bytes(one) for one in file.demux(stream) if one.size][:MAX_PACKETS]
    return packets if packets and all(map(is_whole_frame, packets)) else None


def _encoded_anew(source: Path | bytes, bit_rate: int) -> list[bytes]:
    resampler = AudioResampler(format="s16", layout="mono", rate=PCM_RATE)
    encoder, packets = OpusEncoder(bit_rate=bit_rate), list[bytes]()
    with _opened(source) as file:
        for frame in file.decode(audio=0):
            frame.pts = None
            for one in resampler.resample(frame):
                packets += encoder.encode(_samples(one))
            if len(packets) > MAX_PACKETS:
                break
    for one in resampler.resample(None):
        packets += encoder.encode(_samples(one))
    return [*packets, *encoder.finish()]


def _opened(source: Path | bytes) -> av.container.InputContainer:
    return av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source), "r")


def _samples(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]
