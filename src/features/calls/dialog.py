"""What calls need of an assistant that talks with callers: `Calls.talk_with` takes one."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from features.calls.tables import CallRow
from features.calls.talker_frames import Converse, OpenAiAccess, TalkerKind, ToolAsked
from services.conversations.turn import ConversationTurn


class DialogFailed(Exception):
    """There is no answer."""


@dataclass(frozen=True, slots=True)
class DialogAnswer:
    """An answer to what the caller said, or what a tool returned for the model."""

    #: Sentences to speak; of a tool, what the model reads.
    lines: Sequence[str]
    #: Whether the call ends then.
    ends_call: bool = False


class CallDialog(Protocol):
    """The talk of an assistant in one call."""

    @property
    def talkers(self) -> Sequence[TalkerKind]:
        """The ways in which it can talk, best first."""
        ...

    def brief(self, talker: TalkerKind) -> Converse:
        """Return what a model needs to talk: also in mid-call, with what was said so far."""
        ...

    def heard(self, text: str) -> Awaitable[None]:
        """Note what the caller said."""
        ...

    def spoken(self, text: str, *, is_cut: bool) -> Awaitable[None]:
        """Note what the caller heard."""
        ...

    def used(self, tokens: int) -> Awaitable[bool]:
        """Note what the model cost, in tokens. Return whether it may go on."""
        ...

    def use_tool(self, asked: ToolAsked) -> Awaitable[DialogAnswer]:
        """Use a tool for the model."""
        ...

    def answer(self, text: str) -> Awaitable[DialogAnswer]:
        """Answer what the caller said. Raise DialogFailed."""
        ...


class CallAssistant(Protocol):
    """Talks with callers."""

    @property
    def access(self) -> OpenAiAccess:
        """The server of the models, for the engine."""
        ...

    def begin(
        self, row: CallRow, turn: ConversationTurn, opening: str
    ) -> Awaitable[CallDialog | None]:
        """Begin to talk in a call; None if the spoken menu is to do it, say for the budget.

        `opening` is what the person heard first, if it is not the greeting.
        """
        ...
