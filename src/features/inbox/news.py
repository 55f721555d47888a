"""What changed in the list, read once for all open pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from domain.json import JsonObject
from features.inbox import operators
from features.inbox.masks import SHOWS_ALL, Mask, mask_for
from features.inbox.operators import Operator
from features.inbox.reading import show_rows
from features.inbox.tables import mentions
from features.inbox.tables.threads import inbox_thread


@dataclass(frozen=True, slots=True)
class News:
    """Conversations that changed, and what each operator has to know of them."""

    #: who has the sessions that still hold, by their secrets
    readers: Mapping[str, Operator]
    #: rows of the list, by whether numbers are hidden
    rows: Mapping[bool, Sequence[JsonObject]]
    #: keys of people who were erased
    gone: Sequence[str]
    #: what hides numbers from agents
    mask: Mask
    #: how many people wait, by the name of the operator who takes care of them
    waiting: Mapping[str | None, int]
    #: in how many conversations operators are called, by their ids
    called: Mapping[str, int]

    def rows_for(self, operator: Operator) -> Sequence[JsonObject]:
        """Return the rows as an operator may see them."""
        return self.rows[mask_of(operator, self.mask).is_on]

    def gone_for(self, operator: Operator) -> Sequence[str]:
        """Return the keys of erased people as an operator knows them."""
        mask = mask_of(operator, self.mask)
        return [mask.hide(key) for key in self.gone]

    def counts_for(self, operator: Operator) -> JsonObject:
        """Return what the page of an operator counts."""
        theirs = self.waiting.get(None, 0) + self.waiting.get(operator.name, 0)
        return {
            "waiting": sum(self.waiting.values()),
            "waiting_for_me": theirs,
            "mentions": self.called.get(operator.id, 0),
        }


def mask_of(operator: Operator, of_agents: Mask) -> Mask:
    """Return what hides numbers from an operator, given what hides them from agents."""
    return SHOWS_ALL if operator.is_supervisor else of_agents


def read_news(
    connection: Connection,
    seconds: float,
    *,
    changed: Collection[str],
    vanished: Collection[str],
    secrets: Collection[str],
) -> News:
    """Read the conversations that changed, and those that may be gone, for all sessions."""
    now = datetime.fromtimestamp(seconds, UTC)
    readers = operators.all_signed_in(connection, secrets, now)
    mask = mask_for(connection, AGENT)
    shown = {mask_of(one, mask).is_on for one in readers.values()}
    of = inbox_thread.c
    left = set(connection.scalars(select(of.user_key).where(of.user_key.in_(vanished))))
    waits = select(of.assigned_to, func.count()).where(of.waiting_since.is_not(None))
    return News(
        readers,
        {
            is_hidden: show_rows(connection, changed, now, mask if is_hidden else SHOWS_ALL)
            for is_hidden in shown
        },
        [key for key in vanished if key not in left],
        mask,
        dict(connection.execute(waits.group_by(of.assigned_to)).all()),
        mentions.count_all_new(connection),
    )


#: Stands for all agents, who see the same of numbers.
AGENT = Operator("", "", operators.Role.AGENT)
