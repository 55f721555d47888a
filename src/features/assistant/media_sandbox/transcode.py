"""Converts recordings of older phones, whose formats OpenAI does not read."""

import io

#: Length of a recording that is converted, in seconds; the rest is cut.
MAX_RECORDING_SECONDS = 15 * 60


class NotAudio(Exception):
    """The file cannot be decoded as a recording."""


def as_ogg(content: bytes) -> bytes:
    """Return a recording as Ogg with Opus, 16 kHz, mono. Needs PyAV (the extra "voice").

    Raises NotAudio if the file cannot be decoded, or without PyAV.
    """
    try:
        import av
    except ImportError as error:
        raise NotAudio('this recording needs PyAV: install the extra "voice"') from error
    made = io.BytesIO()
    try:
        with (
            av.open(io.BytesIO(content), "r") as source,
            av.open(made, "w", format="ogg") as target,
        ):
            stream = target.add_stream("libopus", rate=16_000, layout="mono")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
            for frame in source.decode(audio=0):
                if frame.time is not None and frame.time > MAX_RECORDING_SECONDS:
                    break
                for piece in resampler.resample(frame):
                    target.mux(stream.encode(piece))
            for piece in resampler.resample(None):
                target.mux(stream.encode(piece))
            target.mux(stream.encode(None))
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise NotAudio(f"a recording cannot be decoded: {type(error).__name__}") from error
    return made.getvalue()
