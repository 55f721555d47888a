"""Whether the packages for audio are installed: the extra `calls`."""

from importlib.util import find_spec


def has_extra() -> bool:
    """Return whether the engine can run."""
    return find_spec("aiortc") is not None
