"""The stages of the inbound routing table: an ordered tuple, and the first match wins."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.inbound import Inbound
from flow_engine.faults import did_you_mean, function_line
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.turn import ConversationTurn


@dataclass(frozen=True, slots=True)
class PassOn:
    """A stage prepared the turn, and the next stages see it changed."""

    decided: Decisions = NOTHING
    #: Takes the place of the message: a voice note becomes its text.
    message: Inbound | None = None


#: What a stage returns: its decisions if it takes the message, PassOn, or None: not its message.
StageResult = Decisions | PassOn | None
Handle = Callable[[ConversationTurn], Awaitable[StageResult]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A named line of the routing table.

    A stage of a feature says `before` which stages it stands: the first of these that is there.
    """

    name: str
    handle: Handle
    before: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What the stage does, in one line: the beginning of its docstring."""
        return (self.handle.__doc__ or "").strip().partition("\n")[0]


class StageError(Exception):
    """A stage names a place that is not in the table, or a name is used twice."""


def arrange(core: Sequence[Stage], added: Iterable[Stage]) -> tuple[Stage, ...]:
    """Put the stages of features at their places; those of one place keep their order."""
    table = list(core)
    waiting = list(added)
    while waiting:
        names = [stage.name for stage in table]
        later: list[Stage] = []
        for stage in waiting:
            if stage.name in names:
                raise StageError(f"{_place(stage)}: another stage is called {stage.name} too")
            place = next((name for name in stage.before if name in names), None)
            if place is None:
                later.append(stage)
                continue
            table.insert([one.name for one in table].index(place), stage)
            names.append(stage.name)
        if len(later) == len(waiting):
            raise StageError(_without_place(later[0], [one.name for one in table]))
        waiting = later
    return tuple(table)


def _without_place(stage: Stage, names: Sequence[str]) -> str:
    wanted = " or ".join(stage.before) or "nothing"
    hint = did_you_mean(stage.before[0], names) if stage.before else ""
    return f"{_place(stage)}: {stage.name} stands before {wanted}, and there is no such stage{hint}"


def _place(stage: Stage) -> str:
    """Return the file and line of what handles a stage."""
    return str(function_line(stage.handle) or stage.name)


@dataclass(frozen=True, slots=True)
class Route:
    """What the routing table led to."""

    stage: str
    decided: Decisions
    #: The turn as the stage saw it.
    turn: ConversationTurn


async def route(stages: Sequence[Stage], turn: ConversationTurn) -> Route:
    """Offer a message to each stage in turn; the first one that takes it decides."""
    decided = NOTHING
    for stage in stages:
        result = await stage.handle(turn)
        if isinstance(result, PassOn):
            decided += result.decided
            turn = turn.after(result.decided, result.message)
        elif result is not None:
            return Route(stage.name, decided + result, turn)
    raise StageError("the last stage of the table takes every message, and this one did not")
