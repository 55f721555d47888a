"""Loads the options of a question when its step is reached: the next days, or from a source."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice

from loguru import logger

from flow_engine import LoadOptions, NextDays, Option, OptionsLoaded, Turn
from flow_engine.advance import advance
from flow_engine.ask import OptionSource
from flow_engine.options import usable_options
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn


class OptionSourceError(Exception):
    """The code from which a question takes its options has failed; tried again like the turn."""


async def load_options(
    context: ConversationContext, turn: ConversationTurn, effect: LoadOptions
) -> Turn | None:
    """Return where the loaded options lead; None if the form is no longer open."""
    state = turn.state.flow
    if state is None:
        return None
    options = await _load(context, turn, effect.source)
    for problem in usable_options(options).problems:
        logger.warning("an option of {} is {}", effect.source, problem)
    flow = context.flows.flow(state.flow)
    return advance(flow, state, OptionsLoaded(tuple(options), effect.turn))


async def _load(
    context: ConversationContext, turn: ConversationTurn, source: str | NextDays | OptionSource
) -> Sequence[str | Option]:
    if isinstance(source, NextDays):
        return days_from(turn.now.astimezone(context.zone).date(), source)
    load = context.option_sources[source] if isinstance(source, str) else source
    try:
        return await load()
    except Exception as error:
        raise OptionSourceError(f"no options of {source}: {type(error).__name__}") from error


def days_from(today: date, source: NextDays) -> tuple[str, ...]:
    """Return the next days that a person may choose, as ISO dates."""
    days = (today + timedelta(days=number) for number in range(source.start, source.start + 366))
    fitting = (day.isoformat() for day in days if day.weekday() in source.weekdays)
    return tuple(islice(fitting, source.count))
