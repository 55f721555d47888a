"""Checks a broadcast before anybody gets it: its template, its variables, and who would get it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.user import User
from features.airtable.contact_adoption import WrongNumber, known_key, wa_id_of
from features.airtable.tables import contact_reader
from features.airtable.tables.contacts import Contact
from features.broadcasts.recipient_pages import Reader
from features.broadcasts.state import BroadcastPlan, BroadcastState, Stage, Versions, describe
from features.broadcasts.variables import WrongVariables, misfit, preview, read_values
from features.templates.model import APPROVED, Template
from features.templates.registry import TemplateRegistry
from storage.engine.group_commit import GroupCommit, Transaction

#: People who are counted in one transaction.
COUNTED_PAGE = 1000
#: Most people whom a dry run shows as its recipients.
MAX_SHOWN_RECIPIENTS = 100
NO_TESTER = "Test to: nobody with this number writes with the bot. Say hello to it first."


class BroadcastRefused(Exception):
    """A broadcast is impossible as it is; the words are for operators."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """Reads the template of a broadcast, and its audience."""

    database: GroupCommit
    registry: TemplateRegistry | None
    clock: Callable[[], datetime]

    async def prepare(
        self, broadcast_id: str, plan: BroadcastPlan, *, starts: bool
    ) -> BroadcastState:
        """Return the state of a broadcast that was checked, and begins if it `starts`."""
        known = BroadcastState(plan=plan)
        try:
            versions = await self._versions(plan)
            values = _values(versions, plan.variables)
            if starts and not plan.approved:
                raise BroadcastRefused("Approved is not ticked.")
        except (BroadcastRefused, WrongVariables) as error:
            return known.changed(stage=Stage.REFUSED, trouble=str(error))
        reader = reader_of(broadcast_id, plan, versions, values)
        audience, skipped, recipients = await self._count(reader)
        first, *others = [describe(one) for one in versions.all]
        shown = "\n\n".join(_preview(one, values, versions) for one in versions.all)
        known = known.changed(template=first, others=tuple(others), values=values)
        known = known.changed(audience=audience)
        known = known.changed(preview=shown, recipients=recipients)
        if not starts:
            return known.changed(stage=Stage.CHECKED, skipped=skipped)
        return known.changed(stage=self.first_stage(plan))

    def first_stage(self, plan: BroadcastPlan) -> Stage:
        """Return whether a broadcast begins now, or waits for its time."""
        is_later = plan.send_at is not None and plan.send_at > self.clock()
        return Stage.WAITING if is_later else Stage.RUNNING

    async def tester(self, phone: str) -> Contact:
        """Return who gets a test; Refused if nobody with this number may."""
        key = await self.database.submit(Transaction(lambda c, _: known_key(c, phone)))
        try:
            if key is None:
                wa_id_of(phone)
                raise BroadcastRefused(NO_TESTER)
        except WrongNumber as error:
            raise BroadcastRefused(f"Test to: {error}") from error
        found = await self.database.submit(
            Transaction(lambda c, _: contact_reader.by_keys(c, [key]))
        )
        if not found or found[0].user.opted_out_at is not None:
            raise BroadcastRefused(NO_TESTER)
        return found[0]

    async def _versions(self, plan: BroadcastPlan) -> Versions:
        """Return the template in all languages that were chosen."""
        found = [await self._template(key) for key in (plan.template, *plan.others)]
        if len({one.name for one in found}) > 1:
            raise BroadcastRefused("Choose one template, or the same one in several languages.")
        return Versions(found)

    async def _template(self, key: str) -> Template:
        if self.registry is None:
            raise BroadcastRefused("The bot does not know the business account: set WP_BID.")
        if not key:
            raise BroadcastRefused("Choose one template.")
        found = await self.registry.find(*key.rsplit(":", 1))
        if found is None:
            raise BroadcastRefused(f"There is no template {key}.")
        if found.status != APPROVED:
            raise BroadcastRefused(f"Meta has not approved the template: {found.status}.")
        return found

    async def _count(self, reader: Reader) -> tuple[int, Counter[str], tuple[str, ...]]:
        """Return how many people are meant, who of them gets nothing, and records of the others."""
        chosen, skipped = 0, Counter[str]()
        recipients: list[str] = []
        now = self.clock()
        after: str | None = ""
        while after is not None:
            page = await self.database.submit(reader.look_at(after, most=COUNTED_PAGE, now=now))
            chosen += len(page.chosen)
            skipped += page.skipped
            recipients += [row.record_id for row in page.chosen if row.record_id]
            del recipients[MAX_SHOWN_RECIPIENTS:]
            after = page.last
        return chosen + skipped.total(), skipped, tuple(recipients)


def reader_of(
    broadcast_id: str,
    plan: BroadcastPlan,
    versions: Versions,
    values: Mapping[str, str],
    portfolio: str = "",
) -> Reader:
    """Return what reads the people of a broadcast, page by page."""

    def why_not(person: User) -> str | None:
        return misfit(versions.of(person), values, person)

    return Reader(broadcast_id, plan, versions.category, why_not, portfolio)


def _values(versions: Versions, written: str) -> Mapping[str, str]:
    """Return the value for each place, which all languages have. Raise WrongVariables."""
    found: Mapping[str, str] = {}
    for one in versions.all:
        try:
            found = read_values(one, written)
        except WrongVariables as error:
            where = f"{one.language}: " if len(versions.all) > 1 else ""
            raise WrongVariables(f"{where}{error}") from error
    return found


def _preview(template: Template, values: Mapping[str, str], versions: Versions) -> str:
    shown = preview(template, values)
    return f"{template.language}:\n{shown}" if len(versions.all) > 1 else shown
