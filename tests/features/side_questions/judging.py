"""What the whole bot answers to questions in the middle of a form, and to ordinary messages.

`held_out/<language>.toml` was written before any example of the feature, and nothing is learnt from
it. Each question is asked at one step of the registration, and where nothing is open.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.fakes.understanding import CORPUS, Line, Listener, open_context

from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.turn import ConversationTurn

#: What was written before the examples, after the first of them, and after all: folders.
PARTS = ("", "second", "third")
HELD_OUT = Path(__file__).parent / "held_out"
STEPS = ("full_name", "document", "id_number", "birth_date", "about", "consent")
HOME, NONE = "home", "none"
#: What is asked of a form, and so is not asked where nothing is open.
OF_FORMS = frozenset({"why", "how_long", "must", "later"})
#: What answers each intent, besides `intents.<name>.answer`: keys of texts, and short names of FAQ
#: entries (tests/data/understanding); {step} is the open one.
ANSWERS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "who": (("first_contact.bot",), ("purpose",)),
    "what": ((), ("purpose",)),
    "why": (
        (
            "registration.{step}.why",
            "registration.why",
            "registration.{step}.unlisted.answer",
        ),
        (),
    ),
    "safe": ((), ("safe", "data")),
    "data_use": ((), ("safe", "data")),
    "how_long": (
        tuple(f"side_questions.{one}" for one in ("last_one", "minute", "minutes")),
        ("member",),
    ),
    "cost": ((), ("cost",)),
    "must": (
        (
            *("common.needed", "common.optional"),
            "registration.{step}.unlisted.answer",
        ),
        (),
    ),
    "later": (("kept_forms.later", "kept_forms.whenever"), ()),
    "language": (("common.language_changed",), ()),
    "when": (("events.event.options.workshop.next", "events.event.options.open_day.next"), ()),
}
#: Names of steps of the flow, where the situation has another one.
STEP_OF = {"document": "id_type"}
#: Why something is asked, where a question names another step than the open one.
NAMED_STEPS = {
    "a santo de qué tengo que dar mi apellido": "full_name",
    "q tiene q ver mi fecha d nacimiento": "birth_date",
    "qual o motivo de pedir minha data": "birth_date",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A line, and the intents that the bot's reply answers."""

    line: Line
    told: frozenset[str]
    stage: str
    reply: str

    @property
    def is_right(self) -> bool:
        if self.line.expected == NONE:
            return not self.told
        return self.line.expected in self.told


def read_lines(language: str, part: str = "") -> Iterator[Line]:
    """Yield the lines of a language: each question twice, in a form and outside of one."""
    tables = tomllib.loads((HELD_OUT / part / f"{language}.toml").read_text("utf-8"))
    line = partial(Line, language, person=tables["person"], part=part)
    asked = [(intent, text) for intent, texts in tables["intents"].items() for text in texts]
    for place, (intent, text) in enumerate(asked):
        yield line(STEPS[place % len(STEPS)], text, intent)
        if intent not in OF_FORMS:
            yield line(HOME, text, intent)
    for step, texts in tables[NONE].items():
        for place, text in enumerate(texts):
            yield line(STEPS[place] if step == "faq" else step, text, NONE)
            if step == "faq":
                yield line(HOME, text, NONE)


async def judge(language: str, part: str = "") -> list[Verdict]:
    """Have the bot answer all lines of a part of a language."""
    async with open_context() as context:
        listener = Judge(context, language)
        return [await listener.verdict(line) for line in read_lines(language, part)]


class Judge(Listener):
    """Says which intents a reply answers."""

    def __init__(self, context: ConversationContext, language: str) -> None:
        super().__init__(context, language)
        found = tomllib.loads((CORPUS / f"{language}.toml").read_text("utf-8"))
        self._entries: Mapping[str, str] = found["faq"]

    async def verdict(self, line: Line) -> Verdict:
        turn = self.turn(line)
        routed = await self._handler.process_message(turn)
        reply = _said(routed.decided)
        after = turn.after(routed.decided)
        told = frozenset(one for one in ANSWERS if self._answers(one, line, after, reply))
        return Verdict(line, told, routed.stage, reply)

    def _answers(self, intent: str, line: Line, turn: ConversationTurn, reply: str) -> bool:
        texts, (keys, entries) = self._context.texts, ANSWERS[intent]
        open_step = STEP_OF.get(line.situation, line.situation)
        step = NAMED_STEPS.get(line.text, open_step)
        named = [key.format(step=step) for key in keys]
        named += [f"intents.{intent}.answer", f"answers.{intent}"]
        found = [texts.find(turn.language, key) for key in named]
        faq: Any = self._faq_entries
        questions = {self._entries[one] for one in entries}
        found += [one.answer for one in faq if one.question in questions]
        parts = (_fixed_part(text) for text in found if isinstance(text, str))
        return any(part in reply for part in parts if part)


def _fixed_part(text: str) -> str:
    """Return the longest part of a text in which nothing is filled in."""
    return max(text.replace("}", "{").split("{")[::2], key=len).strip()


def _said(decided: Decisions) -> str:
    return "\n".join(str(getattr(one.message, "body", "")) for one in decided.messages)
