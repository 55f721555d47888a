"""The history of a chat within its bounds, and a summary of what had to go."""

from collections.abc import Sequence
from typing import NamedTuple

from services.agent import Agent, AgentRequest, AgentUnavailable, ChatTurn


class KeptHistory(NamedTuple):
    """What the next question is asked with."""

    turns: tuple[ChatTurn, ...]
    summary: str


async def shorten(
    agent: Agent, history: tuple[ChatTurn, ...], summary: str, prompt: str, *, max_chars: int
) -> tuple[KeptHistory, int]:
    """Return the history within `max_chars`, and the tokens that the summary cost.

    `prompt` asks the agent for a summary of what has to go; without one, it is forgotten.
    """
    if sum(len(turn.text) for turn in history) <= max_chars:
        return KeptHistory(history, summary), 0
    kept = list(history)
    while len(kept) > 2 and sum(len(turn.text) for turn in kept) > max_chars // 2:
        kept.pop(0)
    gone = history[: len(history) - len(kept)]
    said = "\n".join(f"{turn.role}: {turn.text}" for turn in gone)
    before = f"{summary}\n" if summary else ""
    try:
        reply = await agent.reply(AgentRequest(prompt, (), before + said))
    except AgentUnavailable as error:
        return KeptHistory(_cut(kept, max_chars), summary), error.tokens
    return KeptHistory(_cut(kept, max_chars), reply.text), reply.tokens


def _cut(turns: Sequence[ChatTurn], max_chars: int) -> tuple[ChatTurn, ...]:
    """A turn that alone is too long is cut."""
    return tuple(ChatTurn(turn.role, turn.text[: max_chars // 2]) for turn in turns)
