"""A corpus of what people write, and what the bot takes it for: its real routing table decides.

`tests/data/understanding/<language>.toml` has tables. A table is a situation (SITUATIONS), a key is
a meaning (`Listener.meaning_of`), and its list is what people write. A table `<situation>.read` has
a value for each text instead.
"""

import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from tests.fakes.bot import make_settings
from tests.fakes.database_templates import make_file

from app.composition.bot import build_bot
from app.composition.features import find_features
from domain.conversation_status import ConversationStatus
from domain.inbound import Inbound, Sender
from domain.user import User
from flow_engine import Ask, Flow, FlowState, Replied, advance
from flow_engine.state import CHANGE
from schemas.cloud_api_schema import TextMessage
from schemas.interactive_schema import ButtonsMessage, ListMessage
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.stage import Route, Stage
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.message_handler import MessageHandler
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from texts.language import language_of
from texts.required import SMALL_TALK
from utils.metrics import Metrics

CORPUS = Path(__file__).parents[1] / "data/understanding"
#: What the rules were made with, and what was written afterwards: folders.
PARTS = ("", "second", "third", "fourth", "fifth", "sixth", "seventh")
#: Answers that stand before the step of a situation.
ANSWERS = {
    "full_name": "Grace Hopper",
    "id_type": "PASSPORT",
    "id_number": "AB1020300",
    "birth_date": "1990-12-25",
    "about": "I like workshops and music",
}
#: The flow and the step that are open in a situation; None: nothing is open.
SITUATIONS: Mapping[str, tuple[str, str] | None] = {
    "home": None,
    "stopped": None,
    "consent": ("registration", "consent"),
    "listed": ("registration", "consent"),
    "deleting": ("delete_profile", "sure"),
    "document": ("registration", "id_type"),
    "event": ("events", "event"),
    "full_name": ("registration", "full_name"),
    "id_number": ("registration", "id_number"),
    "birth_date": ("registration", "birth_date"),
    "birth_date_month_first": ("registration", "birth_date"),
    "about": ("registration", "about"),
    "form": ("registration", "id_number"),
    "waiting": None,
    "held": None,
}
#: Situations in which the bot may not speak, and who answers: nobody yet, or an operator.
STATUSES = {"waiting": ConversationStatus.NEEDS_HUMAN, "held": ConversationStatus.HUMAN}
#: Situations of people whose number is the corpus's `other_person`.
OF_OTHER_PERSON = {"birth_date_month_first"}
#: Meanings that only a feature can give a message.
FEATURE_OF = {
    "human": "handoff",
    "faq": "faq",
    "assistant": "assistant",
    "my_data": "my_data",
    "kept": "kept_forms",
    "helped": "kept_forms",
}
#: Stages that ask the question of a form again, or go on with it.
IN_FORMS = {"open_form", "side_question_in_form", "side_question_who"}
#: The meaning of a message that nothing fits, and of one that is not an answer.
UNKNOWN, AGAIN = "unknown", "again"
#: What a message is taken for that is asked back, and the meaning of one that chooses no option:
#: it is answered or asked back.
ASKED_BACK, OPEN = "asked_back", "open"
#: What a message in a form is taken for that a feature answers.
ANSWERED = "answered"


_NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


class Party(BaseModel):
    guests: int


PARTY = Flow(name="party", version=1, form=Party, steps=(Ask("guests"),), finish=lambda _: ())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the corpus."""

    language: str
    situation: str
    text: str
    expected: str
    #: whose number it is
    person: str
    #: "" for what the rules were made with; else the folder of what was written afterwards
    part: str = ""

    @property
    def feature(self) -> str | None:
        """Return the feature without which the line says nothing."""
        return FEATURE_OF.get(self.expected.partition(" ")[0])


@dataclass(frozen=True, slots=True)
class Judged:
    """A line, and what the bot took it for: several meanings if it asked which one."""

    line: Line
    taken: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """A question is right to be answered, or to be among those that are suggested."""
        if self.line.expected in self.taken:
            return True
        if self.line.situation in ("consent", "listed") and self.line.expected == AGAIN:
            return {*self.taken} <= {AGAIN, ASKED_BACK, ANSWERED}
        if self.line.expected == ASKED_BACK and ANSWERED in self.taken:
            return True
        if self.line.expected == "small_talk":
            return self.taken[0] in SMALL_TALK
        if self.line.expected == OPEN:
            return {*self.taken} <= {AGAIN, ASKED_BACK, ANSWERED, "one_at_a_time"}
        # Suggestions after a text that nothing is known of are help, not an answer.
        return self.line.expected == UNKNOWN and len(self.taken) > 1

    @property
    def is_wrong_answer(self) -> bool:
        """Whether an FAQ entry was given with confidence, and another one or none is right."""
        [taken, *others] = self.taken
        return taken.startswith("faq ") and not others and not self.is_right


def read_corpus(language: str) -> list[Line]:
    """Return the lines of one language, those of the second part last."""
    first, *others = (_tables(CORPUS / part / f"{language}.toml") for part in PARTS)
    return [
        Line(
            language,
            situation,
            text,
            meaning,
            first["other_person" if situation in OF_OTHER_PERSON else "person"],
            part,
        )
        for part, tables in zip(PARTS, (first, *others), strict=True)
        for situation in (*SITUATIONS, "number")
        for text, meaning in _lines_of(tables.get(situation, {}))
    ]


def _tables(file: Path) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def languages() -> list[str]:
    """Return the languages that have a corpus."""
    return sorted(path.stem for path in CORPUS.glob("*.toml"))


def _lines_of(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for meaning, texts in table.items():
        if isinstance(texts, Mapping):
            yield from ((text, f"read {value}") for text, value in texts.items())
        else:
            yield from ((text, meaning) for text in texts)


class Listener:
    """Takes the lines of one language for something."""

    def __init__(self, context: ConversationContext, language: str) -> None:
        self._context = context
        self._handler = MessageHandler(context)
        tables = _tables(CORPUS / f"{language}.toml")
        #: the short names of questions
        self._faq = {question: name for name, question in tables["faq"].items()}

    async def judge(self, line: Line) -> Judged:
        """Take a line for something."""
        if line.situation == "number":
            return Judged(line, (_number(line.text),))
        turn = self.turn(line)
        routed = await self._handler.process_message(turn)
        return Judged(line, self._meanings(line, turn, routed))

    @property
    def stages(self) -> Sequence[Stage]:
        """The routing table."""
        return self._handler.stages

    def turn(self, line: Line) -> ConversationTurn:
        """Return the turn of a line, in its situation."""
        now = _NOW
        stopped = now if line.situation == "stopped" else None
        # Who has nothing to edit is asked to register.
        registered = now if line.expected == "start edit_profile" else None
        status = STATUSES.get(line.situation)
        user = User(
            *("k", "X.1", line.person, "Somebody"),
            opted_out_at=stopped,
            registered_at=registered,
            status=status.value if status else None,
            bot_paused_until=now + timedelta(hours=8) if status else None,
        )
        language = language_of(user, self._context.texts.languages, "en")
        message = Inbound("m", "text", Sender("X.1", line.person), "1", now, text=line.text)
        state = ConversationState(flow=self._open(line.situation))
        return ConversationTurn(user, "1", state, language, now, message, began_with=state)

    def _open(self, situation: str) -> FlowState | None:
        place = SITUATIONS[situation]
        if place is None:
            return None
        flow, step = self._context.flows.flow(place[0]), place[1]
        before = [one.name for one in flow.steps][: [one.name for one in flow.steps].index(step)]
        answers: dict[str, object] = {name: ANSWERS[name] for name in before}
        state = flow.begin().model_copy(
            update={"step": step, "answers": answers, "options": flow.options(step), "turn": 7}
        )
        return advance(flow, state, Replied(CHANGE)).state if situation == "listed" else state

    def _meanings(self, line: Line, turn: ConversationTurn, routed: Route) -> tuple[str, ...]:
        if routed.stage == "faq_answer":
            return self._questions(routed)
        if routed.stage in IN_FORMS:
            is_side = routed.stage != "open_form"
            return (self._in_form(line, turn, routed), *([ANSWERED] if is_side else []))
        return (self._elsewhere(turn, routed),)

    def _elsewhere(self, turn: ConversationTurn, routed: Route) -> str:
        decided, stage = routed.decided, routed.stage
        user, state = decided.user, decided.state
        if stage == "opt_out_keyword":
            names = {"opted_out_at": "opt_out", "marketing_at": "no_offers"}
            found = [name for key, name in names.items() if key in user]
            is_back = "opted_out_at" in user and user["opted_out_at"] is None
            return "opt_in" if is_back else next(iter(found), "no_offers")
        if stage == "elsewhere_in_form":
            flow = state.get("flow")
            return f"kept {flow.flow if isinstance(flow, FlowState) else state['menu']}"
        if stage == "waiting_for_operator":
            return "bot" if "status" in user else "told"
        requests = self._context.extensions.requests if stage == "always_heard" else ()
        for words in requests:
            if self._context.texts.is_word(words, turn.text):
                return words
        if stage in ("trigger", "typed_choice", "own_words", "always_heard"):
            flow = state.get("flow")
            if isinstance(flow, FlowState):
                return f"start {flow.flow}"
            if (event := self._event_told(turn, decided)) is not None:
                return f"event {event}"
            return f"show {state['menu']}" if state.get("menu") else "assistant"
        if stage == "side_question" and self._tells_dates(turn, decided):
            return "faq when"
        if stage == "language_named":
            return f"language {user['language']}"
        if stage == "small_talk":
            return self._context.texts.vocabulary.small_talk(turn.text) or ""
        return STAGES.get(stage, stage)

    def _tells_dates(self, turn: ConversationTurn, decided: Decisions) -> bool:
        said = " ".join(str(getattr(one.message, "body", "")) for one in decided.messages)
        texts, language = self._context.texts, turn.after(decided).language
        keys = (f"events.event.options.{one}.next" for one in ("open_day", "workshop"))
        return any(str(texts.find(language, one)).partition("{")[0] in said for one in keys)

    def _questions(self, routed: Route) -> tuple[str, ...]:
        [outgoing] = routed.decided.messages[:1]
        message = outgoing.message
        if isinstance(message, TextMessage | ButtonsMessage):
            return (self._name_of(message.body),)
        assert isinstance(message, ListMessage)
        rows = message.sections[0].rows
        return (UNKNOWN, *(self._name_of(row.description or row.title) for row in rows))

    def _name_of(self, text: str) -> str:
        faq: Any = self._faq_entries
        entry = next((one for one in faq if text in (one.question, one.answer)), None)
        return f"faq {self._faq.get(entry.question, entry.question) if entry else text}"

    @cached_property
    def _faq_entries(self) -> Any:
        files = import_module("features.faq.file_entries")
        return files.load_faq(files.ENTRIES)

    def _in_form(self, line: Line, turn: ConversationTurn, routed: Route) -> str:
        before, decided = turn.state.flow, routed.decided
        assert before is not None
        after = decided.state.get("flow", before)
        said = [getattr(one.message, "body", "") for one in decided.messages]
        say = partial(self._context.texts.say, turn.language)
        if said[:1] == [say("common.cancelled")]:
            return "cancel"
        if said and said[0].startswith(say("common.busy_with_flow")):
            return "busy"
        if said and said[0].startswith(say("common.one_at_a_time")):
            return "one_at_a_time"
        if isinstance(after, FlowState) and after.flow != before.flow:
            return f"start {after.flow}"
        if isinstance(after, FlowState):
            taken = _step_taken(line, before, after)
            is_said_back = line.situation in ("consent", "listed") and line.text in said[0]
            return ASKED_BACK if taken == AGAIN and is_said_back else taken
        if line.situation == "deleting":
            return "no" if said[:1] == [say("delete_profile.kept")] else "yes"
        if line.situation == "consent":
            return "yes" if "consent_at" in decided.user else "no"
        event = self._event_told(turn, decided)
        assert event is not None
        return event

    def _event_told(self, turn: ConversationTurn, decided: Decisions) -> str | None:
        """Return the event that was told about, if that is all that was asked for."""
        said = [getattr(one.message, "body", "") for one in decided.messages]
        about = partial(self._context.texts.find, turn.after(decided).language)
        options = self._context.flows.flow("events").options("event")
        starts = {one: about(f"events.about.{one}").partition("{")[0] for one in options}
        told = (one for one in options if any(text.startswith(starts[one]) for text in said))
        return next(told, None)


def _step_taken(line: Line, before: FlowState, after: FlowState) -> str:
    earlier = {step: after.answers.get(step, answer) for step, answer in before.answers.items()}
    changed = [step for step, answer in before.answers.items() if earlier[step] != answer]
    if changed and after.step == before.step:
        return f"changed {changed[0]} {earlier[changed[0]]}"
    if line.situation == "full_name" and after.begun and not after.aside:
        return "last_name"
    if line.situation == "about" and after.answers.get("about", "") is None:
        return "skipped"
    if before.step in after.answers:
        value = after.answers[before.step]
        return str(value) if before.options else f"read {value}"
    if after.step != before.step:
        if line.part in PARTS[3:] and after.is_changing:
            return f"change {after.step}"
        return "back" if after.answers else "restart"
    if after.options != before.options:
        return ASKED_BACK
    return "refused" if line.situation == "form" else AGAIN


def _number(text: str) -> str:
    try:
        return f"read {PARTY.parse('guests', text)}"
    except ValidationError:
        return AGAIN


#: What it means that a stage took a message.
STAGES = {
    "opted_out": "hint",
    "bot_paused": "silent",
    "back_to_bot": "bot",
    "greeting": "menu",
    "who_am_i": "my_data",
    "operator_requested": "human",
    "no_operator_reachable": "human",
    "fallback": UNKNOWN,
    "stuck_in_form": "helped",
    "stopped_in_form": "cancel",
    "opt_out_unclear": "opt_out_asked",
    "nothing_to_cancel": "opt_out_asked",
    "opt_in_unclear": "opt_in_asked",
}


@asynccontextmanager
async def open_context() -> AsyncIterator[ConversationContext]:
    """Build a bot with all its features whose operators can be reached, and no model."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        make_file(file)

        def read_clock(_connection: Connection) -> float:
            return _NOW.timestamp()

        database = GroupCommit(open_engine(f"sqlite:///{file}"), read_clock)
        async with httpx.AsyncClient() as http:
            bot = build_bot(make_settings(), database, http, Metrics(), clock=lambda: _NOW)
            bot.parts.context.extensions.ways_to_operators.append(lambda: True)
            yield bot.parts.context
        await database.close()


async def judge_corpus(language: str) -> Sequence[Judged]:
    """Take each line of a language for something; without those of absent features."""
    there = {feature.name for feature in find_features()}
    async with open_context() as context:
        listener = Listener(context, language)
        return [
            await listener.judge(line)
            for line in read_corpus(language)
            if line.feature is None or line.feature in there
        ]
