"""What a call needs of a model that talks with the caller."""

from typing import Protocol

from features.calls.talker_frames import ToolResult


class Talker(Protocol):
    """Talks in one call. All methods but `run` are called in the event loop, and do not wait."""

    async def run(self) -> str:
        """Talk until that is no longer possible; return why. Cancelled when the call ends."""
        ...

    def hear(self, pcm: bytes) -> None:
        """Take 20 ms of the caller's sound."""
        ...

    def interrupt(self) -> None:
        """Fall silent: the caller has pressed a key, or the desk speaks."""
        ...

    def result(self, result: ToolResult) -> None:
        """Take what a tool returned."""
        ...

    def instruct(self, text: str) -> None:
        """Take something about the call, and speak."""
        ...

    def why_gone(self, now: float) -> str | None:
        """Return why there is no hope for an answer; None if there is."""
        ...
