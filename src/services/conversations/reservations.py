"""Taking the options that saved records hold, in the commit of the records."""

from collections.abc import Iterator
from typing import Any

from flow_engine import Effect, Flow, SaveRecord, Turn
from flow_engine.advance import retake
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.turn import ConversationTurn


async def reserve(
    context: ConversationContext, turn: ConversationTurn, step: Turn
) -> Decisions | Turn:
    """Decide to take each option, or return the turn that asks for one anew: it was just taken."""
    state, decided = turn.state.flow, NOTHING
    for name, source, option in _taken_by(context, step.effects):
        take = context.extensions.reservations.get(source)
        if take is None:
            continue
        taken = await take(option)
        flow: Flow[Any] | None = context.flows.find_flow(state.flow) if state else None
        if taken is not None:
            decided += taken
        elif flow is not None and state is not None:
            return retake(flow, state, name)
    return decided


def _taken_by(
    context: ConversationContext, effects: tuple[Effect, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield (field, source, option) of the records that effects save."""
    for effect in effects:
        if not isinstance(effect, SaveRecord):
            continue
        form = context.flows.saved.form(effect.table)
        for name, source in form.sources.items() if form else ():
            if name in effect.fields:
                yield name, source, str(effect.fields[name])
