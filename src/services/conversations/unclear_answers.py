"""Answers in a form that no rule can read: a feature may find out later what they mean.

Nothing is said meanwhile. What the person writes next is read together with it, or answered at
once, and then the late reading counts for nothing: nobody gets two answers to one message.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from flow_engine import (
    DeleteProfile,
    Effect,
    Flow,
    FlowState,
    Question,
    Review,
    SaveProfile,
    SetMarketing,
)
from flow_engine.choosing import SEPARATOR
from flow_engine.field_types import is_date
from flow_engine.state import CHANGE, DONE, MORE, RIGHT, SKIP
from flow_engine.words import normalise
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.distinct_choices import labelled
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Longest answer that is read, in characters.
MAX_CHARS = 1000
#: Options that lead through a list, and those by which people agree or refuse.
_NOT_READ = frozenset({DONE, MORE, SKIP, RIGHT, "yes", "no"})


class UnclearAnswer(BaseModel):
    """An answer that waits for somebody who can read it."""

    model_config = ConfigDict(frozen=True)

    #: Names the attempt; "" if nothing waits.
    token: str = ""
    #: The turn of the form that the answer is for.
    turn: int = 0
    text: str = ""
    message_id: str = ""
    language: str = ""
    #: The words of the question.
    question: str = ""
    #: Titles of the options by their ids; without any, the answer is in the person's own words.
    options: Mapping[str, str] = {}
    #: JSON schema of the answer, where there are no options.
    answer_schema: Mapping[str, Any] = {}
    #: Whether several options may be chosen.
    is_several: bool = False


#: The answer that is being read.
UNCLEAR = StateSlot("unclear_answer", TypeAdapter(UnclearAnswer), UnclearAnswer())


async def read_later(
    context: ConversationContext, turn: ConversationTurn, question: Question
) -> Decisions | None:
    """Have a refused answer read by a feature; None if no feature can, or none may."""
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None or not context.extensions.interpreters:
        return None
    unclear = _unclear(context, turn, flow, state, question)
    if unclear is None:
        return None
    for interpret in context.extensions.interpreters:
        if (decided := await interpret(turn, unclear)) is not None:
            return decided + Decisions(state=UNCLEAR.change(unclear))
    return None


def read_no_longer(turn: ConversationTurn, decided: Decisions) -> Decisions:
    """Stop waiting for a reading once the person got an answer to something else."""
    is_waiting = UNCLEAR.read(turn.state).token and UNCLEAR.name not in decided.state
    return Decisions(state=UNCLEAR.change(UnclearAnswer())) if is_waiting else NOTHING


def checked(
    flow: Flow[Any], state: FlowState, unclear: UnclearAnswer, found: str | None
) -> str | None:
    """Return what was read as the form takes it; None unless it is an answer to the question."""
    if found is None:
        return None
    if unclear.options:
        return _checked_options(unclear, found)
    try:
        value = flow.parse(state.step, found)
    except ValidationError:
        return None
    is_quoted = isinstance(value, str) and not is_date(flow.annotation(state.step))
    said = _letters(unclear.text)
    return None if is_quoted and _letters(str(value)) not in said else found


def agrees(effects: Iterable[Effect]) -> bool:
    """Return whether effects keep a consent, or delete data, which only the person can decide."""
    return any(
        isinstance(one, DeleteProfile)
        or (isinstance(one, SetMarketing) and one.wanted)
        or (isinstance(one, SaveProfile) and bool(one.fields.get("consent_version")))
        for one in effects
    )


def _checked_options(unclear: UnclearAnswer, found: str) -> str | None:
    titles = {normalise(title): one for one, title in unclear.options.items()}
    names = titles | {normalise(one): one for one in unclear.options}
    parts = found.split(",") if unclear.is_several else [found]
    chosen = [names.get(normalise(part)) for part in parts]
    return None if None in chosen else SEPARATOR.join(filter(None, chosen))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, normalise(text)))


def _unclear(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    question: Question,
) -> UnclearAnswer | None:
    step, before = flow.step(state.step), UNCLEAR.read(turn.state)
    text = "\n".join(filter(None, (before.text if before.turn == state.turn else "", turn.text)))
    is_field = state.step in flow.form.model_fields and flow.takes_text(state.step)
    is_readable = any(map(str.isalnum, text)) and len(text) <= MAX_CHARS
    is_kept_away = step.private or bool(state.aside) or turn.message.choice is not None
    prompt = Replies(context).renderer(turn).prompt(question)
    titles = {one.id: one.title for one in labelled(question, prompt.options)}
    options = _readable(context, step, titles)
    if is_kept_away or not is_readable or not (options or (is_field and not question.options)):
        return None
    if isinstance(step, Review) and not options:
        return None
    return UnclearAnswer(
        token=secrets.token_hex(8),
        turn=state.turn,
        text=text,
        message_id=turn.message.message_id,
        language=turn.language,
        question=prompt.body,
        options=options,
        answer_schema={} if options else _schema(flow, state.step),
        is_several=flow.is_several(state.step),
    )


def _readable(
    context: ConversationContext, step: object, titles: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the options that may be read from unclear words: not those by which people agree.

    That takes words which cannot mean anything else. People agree or refuse by the options of a
    review, wherever an option is called "yes" or "I agree", and where "no" is one of two.
    """
    yes_or_no = context.texts.choices.yes_or_no
    said = {yes_or_no(name) for one in titles.items() for name in one}
    is_agreement = "yes" in said or ("no" in said and len(titles) <= 2)
    kept_away = titles.keys() - {CHANGE} if isinstance(step, Review) or is_agreement else _NOT_READ
    return {one: title for one, title in titles.items() if one not in kept_away}


def _schema(flow: Flow[Any], step: str) -> Mapping[str, Any]:
    """Return the JSON schema of an answer; empty if its type has none."""
    try:
        return TypeAdapter(flow.field_type(step)).json_schema()
    except Exception:  # noqa: BLE001  types of a fork may have none, in any way
        return {}
