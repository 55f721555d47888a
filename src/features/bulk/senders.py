"""What features use that write to many people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loguru import logger

from features.bulk import pauses
from features.bulk.pace import BulkPace
from features.bulk.reach import Claim, Reach, Recipient, claim, reach
from jobs.model import NewJob
from services.conversations.extensions import Extensions
from storage.engine.group_commit import GroupCommit, Transaction


@dataclass(frozen=True, slots=True)
class BulkSending:
    """The pace, the limit of people, and what operators are told."""

    database: GroupCommit
    pace: BulkPace
    #: All numbers of a portfolio share its limit.
    portfolio: str
    extensions: Extensions

    async def claim(self, people: Sequence[Recipient], now: datetime) -> Claim:
        """Count those of some people who may be written to now."""
        return await self.database.submit(
            Transaction(lambda c, _: claim(c, self.portfolio, people, now))
        )

    async def reach(self, now: datetime) -> Reach:
        """Return how much of the limit of people is used."""
        return await self.database.reader.run(lambda c, _: reach(c, self.portfolio, now))

    def warn(self, used: Reach, now: datetime) -> Sequence[NewJob]:
        """Tell operators once a day that the limit is nearly used, and that it is."""
        if used.most is None or not used.is_nearly_used:
            return ()
        is_used_up = used.count >= used.most
        what = "Messages to more people wait until then." if is_used_up else ""
        text = (
            f"{used.count:,} of {used.most:,} people whom Meta lets the business write to first "
            f"within 24 hours. {what}"
        ).strip()
        key = f"bulk:{'full' if is_used_up else 'nearly'}:{self.portfolio}:{now:%Y-%m-%d}"
        return self.tell(text, key)

    def tell(self, text: str, key: str) -> Sequence[NewJob]:
        """Tell the log and the operators' chat; the same key tells it once."""
        logger.warning("WhatsApp: {}", text)
        return self.extensions.alert(text, key)

    async def is_failing(self, name: str, language: str) -> bool:
        """Return whether a template is paused because too many of its messages failed."""
        key = pauses.template_key(name, language)
        found = await self.database.reader.run(lambda c, _: pauses.paused(c, [key]))
        return bool(found)
