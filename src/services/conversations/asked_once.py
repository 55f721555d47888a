"""Two answers right after each other: the question that both end with is asked in the second."""

from collections.abc import Collection
from dataclasses import replace

from schemas.cloud_api_schema import OutgoingMessage, TextMessage
from schemas.interactive_schema import ButtonsMessage, ListMessage
from services.conversations.decisions import Decisions, Outgoing

#: Messages that end with a question or a menu, or may do so.
Asking = TextMessage | ButtonsMessage | ListMessage


def asked_once(first: Decisions, second: Decisions) -> Decisions:
    """Return what is said first, without the question or the menu that follows once more."""
    if not first.messages or not second.messages:
        return first
    said, asked = first.messages[-1].message, second.messages[-1].message
    if not isinstance(said, Asking) or not isinstance(asked, Asking):
        return first
    kept = _without_end(said.body, asked.body)
    if _choices(said) != _choices(asked) or (kept == said.body and not _choices(said)):
        return first
    shown = (Outgoing(TextMessage(body=kept)),) if kept else ()
    return replace(first, messages=(*first.messages[:-1], *shown))


def _without_end(text: str, other: str) -> str:
    """Return a text without the paragraphs at its end that another one ends with, too."""
    paragraphs, others = text.split("\n\n"), other.split("\n\n")
    while paragraphs and others and paragraphs[-1] == others[-1]:
        paragraphs.pop()
        others.pop()
    return "\n\n".join(paragraphs)


def _choices(message: OutgoingMessage) -> Collection[str]:
    match message:
        case ButtonsMessage(buttons=buttons):
            return {one.id for one in buttons}
        case ListMessage(sections=sections):
            return {row.id for section in sections for row in section.rows}
        case _:
            return set()
