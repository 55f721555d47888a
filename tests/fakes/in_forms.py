"""What comes of messages of strangers in forms: which answers change, and whether they get a reply.

`tests/data/in_forms/<language>.toml` was written before its rules, `after/` when they were there. A
table is a kind of message and a place (`PLACES`), a key is what comes of it, and its list is what
people write. What comes of it are the answers that change (`step=answer`), and words:

- `said`: something is said besides the form's question, such as what answers the person's own
- `asked`: nothing changes, and the form's question is asked again, with or without a remark
- `skipped`, `left`, `resumed`, `nothing_open`, `start <flow>`
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.understanding import CORPUS, open_context

from domain.inbound import Inbound, Sender
from domain.user import User
from flow_engine import FlowState
from services.conversations.context import ConversationContext
from services.conversations.replies import Replies
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.message_handler import MessageHandler
from texts.language import language_of

LINES = CORPUS.parent / "in_forms"
#: What the rules were made with, and what was written afterwards: folders.
PARTS = ("", "after")
ANSWERS = {
    "full_name": "Paula Andrea Soto",
    "id_type": "PASSPORT",
    "id_number": "AB1020300",
    "birth_date": "1990-12-25",
    "about": "I like workshops and music",
}
#: The open question of each place; None: no form is open.
PLACES: Mapping[str, str | None] = {
    "home": None,
    "run_out": None,
    "full_name": "full_name",
    "document": "id_type",
    "known": "id_type",
    "id_number": "id_number",
    "birth_date": "birth_date",
    "about": "about",
    "consent": "consent",
}
#: What the person told before the open question.
KNOWN = {"known": {"id_number": "192345678"}}
#: What is said to an answer that is refused, or taken: no reply to anything that was asked.
_REMARKS = ("common.corrected", "common.something_else", "common.no_name", "common.no_last_name")
_TURN = 7
_NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """A message, and what should come of it: one of several things."""

    language: str
    kind: str
    place: str
    text: str
    expected: tuple[str, ...]
    part: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A line, and what came of it."""

    line: Line
    outcome: str

    @property
    def is_right(self) -> bool:
        """Where nothing is to change, a remark does no harm."""
        wanted, outcome = {*self.line.expected}, self.outcome
        return outcome in wanted or (outcome == "said" and "asked" in wanted)


def read_lines(language: str) -> Sequence[Line]:
    """Return the lines of one language."""
    return [one for part in PARTS for one in _lines_of(language, part)]


def _lines_of(language: str, part: str) -> Iterator[Line]:
    file = LINES / part / f"{language}.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for kind, places in tables.items():
        for place, outcomes in places.items():
            for outcome, texts in outcomes.items():
                expected = tuple(outcome.split("|"))
                yield from (Line(language, kind, place, one, expected, part) for one in texts)


async def judge_lines(language: str) -> Sequence[Judged]:
    """Have the bot take each line of a language."""
    person = tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))["person"]
    async with open_context() as context:
        listener = _Listener(context, person)
        return [Judged(one, await listener.outcome(one)) for one in read_lines(language)]


class _Listener:
    def __init__(self, context: ConversationContext, person: str) -> None:
        self._context, self._person = context, person
        self._handler = MessageHandler(context)

    async def outcome(self, line: Line) -> str:
        turn = await self._turn(line)
        routed = await self._handler.process_message(turn)
        before, decided = turn.state.flow, routed.decided
        after = turn.after(decided).state.flow
        bodies = [str(getattr(one.message, "body", "")) for one in decided.messages]
        if before is None and after is None:
            is_told = self._says(turn, "common.nothing_open") in "\n".join(bodies)
            return "nothing_open" if is_told else routed.stage
        if after is None:
            return "left"
        words = self._changes(before, after)
        if before is None:
            resumed = line.place == "run_out" and after.step == "birth_date"
            return "resumed" if resumed else " ".join([f"start {after.flow}", *words])
        if after.flow != before.flow:
            return f"start {after.flow}"
        is_said = self._is_said(turn.after(decided), "\n".join(bodies), after)
        return " ".join([*words, *(["said"] if is_said else [])]) or "asked"

    def _changes(self, before: FlowState | None, after: FlowState) -> list[str]:
        had = {**before.known, **before.answers} if before and before.flow == after.flow else {}
        has = {**after.known, **after.answers}
        steps = [one.name for one in self._context.flows.flow(after.flow).steps]
        changed = [one for one in steps if had.get(one) != has.get(one)]
        if "about" in after.answers and after.answers["about"] is None:
            return ["skipped"]
        return [f"{one}={str(has.get(one)).strip(' .,;')}" for one in changed]

    def _is_said(self, turn: ConversationTurn, said: str, after: FlowState) -> bool:
        flow = self._context.flows.flow(after.flow)
        asked = Replies(self._context).renderer(turn).prompt(flow.question(after)).body
        invalid = f"{after.flow}.{after.step}.invalid"
        remarks = (self._says(turn, key) for key in (*_REMARKS, invalid))
        for one in (asked, *remarks):
            said = said.replace(one, "")
        return any(map(str.isalnum, said))

    def _says(self, turn: ConversationTurn, key: str) -> str:
        found = self._context.texts.find(turn.language, key)
        return str(found) if found else "\0"

    async def _turn(self, line: Line) -> ConversationTurn:
        user = User("k", "X.1", self._person, "Somebody")
        language = language_of(user, self._context.texts.languages, "en")
        now = _NOW
        message = Inbound("m", "text", Sender("X.1", self._person), "1", now, text=line.text)
        place = "birth_date" if line.place == "run_out" else PLACES[line.place]
        state = ConversationState(flow=self._open(place, KNOWN.get(line.place, {})))
        turn = ConversationTurn(user, "1", state, language, now, message, began_with=state)
        if line.place != "run_out":
            return turn
        left = await self._handler.process_timer(turn, "cancel", _TURN, late=timedelta())
        stored = turn.after(left).state
        return ConversationTurn(user, "1", stored, language, now, message, began_with=stored)

    def _open(self, step: str | None, known: Mapping[str, Any]) -> FlowState | None:
        if step is None:
            return None
        flow = self._context.flows.flow("registration")
        names = [one.name for one in flow.steps]
        answers: dict[str, object] = {name: ANSWERS[name] for name in names[: names.index(step)]}
        given = {"step": step, "answers": answers, "known": known, "turn": _TURN}
        return flow.begin().model_copy(update={**given, "options": flow.options(step)})


def shares(judged: Sequence[Judged]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return (lines that are right, lines) by (part, kind)."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for one in judged:
        key = one.line.part, one.line.kind
        right, count = found.get(key, (0, 0))
        found[key] = right + one.is_right, count + 1
    return found
