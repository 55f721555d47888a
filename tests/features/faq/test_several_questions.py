"""Each question of a message is answered, whatever is said around it."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.fakes.understanding import CORPUS, Line, Listener, languages, open_context

from features.faq.file_entries import ENTRIES
from features.faq.reader import load_faq
from services.conversations.context import ConversationContext

SEVERAL = Path(__file__).parent / "several"
#: Share of the messages of a language whose questions are all answered, by part: the second was
#: written after the rules.
ANSWERED = {"first": 0.9, "later": 0.6}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("part", ANSWERED)
async def test_each_question_is_answered(language: str, part: str) -> None:
    told = tomllib.loads((SEVERAL / f"{language}.toml").read_text("utf-8"))[part]
    async with open_context() as context:
        missed = [
            text
            for text, names in told.items()
            if not await answers(context, language, text, names)
        ]
    assert len(missed) <= (1 - ANSWERED[part]) * len(told), missed


async def answers(
    context: ConversationContext, language: str, text: str, names: Sequence[str]
) -> bool:
    """Return whether the entries with these short names, and dates, are in the reply."""
    corpus = tomllib.loads((CORPUS / f"{language}.toml").read_text("utf-8"))
    said = await Hearer(context, language).said(Line(language, "home", text, "", corpus["person"]))
    return all(one in said for one in (expected(corpus["faq"], language, one) for one in names))


class Hearer(Listener):
    """Tells what the bot replies."""

    async def said(self, line: Line) -> str:
        routed = await self._handler.process_message(self.turn(line))
        return "\n".join(str(getattr(one.message, "body", "")) for one in routed.decided.messages)


def expected(entries: Mapping[str, str], language: str, name: str) -> str:
    """Return the beginning of an answer; of dates, the day."""
    if name == "when":
        return {"en": "Saturday 28 November", "es": "sábado 28 de noviembre"}.get(
            language, "sábado 28 de novembro"
        )
    known = (one for one in load_faq(ENTRIES) if one.question == entries[name])
    return next(known).answer.partition("*")[0][:60].strip()
