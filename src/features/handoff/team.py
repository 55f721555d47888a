"""The team behind the bot: when it can be reached, and how many people wait for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from features.handoff import tickets
from features.handoff.hours_table import opening_hours
from features.handoff.reopening import describe_opening, next_opening
from storage.engine.group_commit import GroupCommit, Transaction
from texts.catalogue import Texts


@dataclass(frozen=True, slots=True)
class Team:
    """Reads the opening hours and the open tickets."""

    database: GroupCommit
    zone: tzinfo
    texts: Texts

    async def is_open(self, moment: datetime) -> bool:
        """Return whether operators can be reached at a moment."""
        hours = await opening_hours(self.database)
        return hours.is_open(moment.astimezone(self.zone))

    async def next_opening(self, moment: datetime) -> datetime | None:
        """Return when operators can be reached: at `moment`, or the first time after it."""
        hours = await opening_hours(self.database)
        found = next_opening(hours, moment.astimezone(self.zone))
        return found.astimezone(UTC) if found is not None else None

    async def when_back(self, moment: datetime, language: str) -> str:
        """Return in words when operators can be reached again; empty if nobody knows."""
        local = moment.astimezone(self.zone)
        found = next_opening(await opening_hours(self.database), local)
        return describe_opening(self.texts, language, found, local) if found is not None else ""

    async def people_waiting(self) -> int:
        """Return the number of people whom nobody has answered yet."""
        return await self.database.submit(Transaction(lambda c, _: tickets.people_waiting(c)))
