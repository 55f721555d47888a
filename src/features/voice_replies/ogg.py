"""Samples as a voice note: Ogg with Opus. Needs PyAV (the extra `voice`)."""

import io

#: Samples of 16 bit in a second, one channel: what realtime models give.
PCM_RATE = 24_000


def as_ogg(pcm: bytes) -> bytes:
    """Return samples as a file of Ogg Opus."""
    import av  # costs time, and most installations speak no replies

    file = io.BytesIO()
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.planes[0].update(pcm[: len(pcm) // 2 * 2])
    frame.sample_rate, frame.pts = PCM_RATE, 0
    with av.open(file, "w", format="ogg") as target:
        stream = target.add_stream("libopus", rate=PCM_RATE, layout="mono")
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return file.getvalue()
