"""The team behind the bot: when it can be reached, and how many people wait for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from features.handoff import tickets
from features.handoff.hours import OpeningHours
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
    #: Those of the config file; days and dates that operators set take the place of theirs.
    hours_of_file: OpeningHours

    async def hours(self) -> OpeningHours:
        """Return the opening hours in force."""
        return self.hours_of_file.changed_by(await opening_hours(self.database))

    async def is_open(self, moment: datetime) -> bool:
        """Return whether operators can be reached at a moment."""
        hours = await self.hours()
        return hours.is_open(moment.astimezone(self.zone))

    async def next_opening(self, moment: datetime) -> datetime | None:
        """Return when operators can be reached: at `moment`, or the first time after it."""
        hours = await self.hours()
        found = next_opening(hours, moment.astimezone(self.zone))
        return found.astimezone(UTC) if found is not None else None

    async def when_back(self, moment: datetime, language: str) -> str:
        """Return in words when operators can be reached again; empty if nobody knows."""
        local = moment.astimezone(self.zone)
        found = next_opening(await self.hours(), local)
        return describe_opening(self.texts, language, found, local) if found is not None else ""

    async def people_waiting(self) -> int:
        """Return the number of people whom nobody has answered yet."""
        return await self.database.submit(Transaction(lambda c, _: tickets.people_waiting(c)))
