"""Stores what webhooks bring to the numbers of one bot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from controllers.event_intake import other_job
from controllers.intake import Intake, sort_webhook, warn_of_another_number
from domain.delivery import DeliveryStatus, StatusReport
from domain.inbound import Sender
from jobs.model import NewJob
from schemas.webhook_schema import WebhookMessage
from services.conversations.webhook_events import FieldReader
from services.sending.numbers import Numbers
from storage.engine.write import Write
from utils.metrics import Metrics


class Inbox(Protocol):
    """The job queue that webhooks are stored in."""

    def ensure_capacity(self) -> None:
        """Raise Overloaded if the database is too far behind."""

    async def enqueue(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        """Commit jobs and writes in one transaction."""


class IdentityResolver(Protocol):
    """The table that knows which user a sender is."""

    async def resolve(self, senders: Sequence[Sender]) -> list[str]:
        """Return the key of the user for each sender, in the same order."""
        ...


#: Function that returns what to write when Meta reports the statuses of messages.
Reporter = Callable[[Sequence[StatusReport]], Sequence[Write]]
#: Function that returns the jobs that follow these statuses.
Follow = Callable[[Sequence[StatusReport]], Sequence[NewJob]]


class WebhookStore:
    """Stores webhooks in the database of one bot."""

    def __init__(
        self,
        inbox: Inbox,
        directory: IdentityResolver,
        *,
        numbers: Numbers,
        metrics: Metrics,
        reporters: Sequence[Reporter] = (),
        follow: Follow = lambda statuses: (),
        readers: Mapping[str, FieldReader] | None = None,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        #: The numbers that the bot answers from.
        self.numbers = numbers
        self._metrics = metrics
        #: Functions that record the statuses of our messages.
        self._reporters = reporters
        self._follow = follow
        #: What features read of webhooks, by Meta's name of the field.
        self._readers = readers or {}
        self._has_warned_of_another_number = False

    def ensure_capacity(self) -> None:
        """Raise Overloaded if the database is too far behind."""
        self._inbox.ensure_capacity()

    async def store(self, webhook: WebhookMessage | Any) -> Intake:
        """Commit everything in a body, which may be any JSON. Return what it held."""
        if isinstance(webhook, WebhookMessage):
            intake = sort_webhook(webhook, self.numbers, self._readers)
        else:
            intake = Intake(unhandled=[other_job("-", "webhook", webhook)])
        return await self._commit(intake)

    async def keep(self, webhook: WebhookMessage) -> Intake:
        """Commit a webhook that is not for this bot: nothing in it is handled."""
        return await self._commit(sort_webhook(webhook, None))

    async def _commit(self, intake: Intake) -> Intake:
        keys = await self._directory.resolve([item.sender for item in intake.in_order])
        pairs = zip(intake.in_order, keys, strict=True)
        kept = (*intake.kept_statuses, *intake.unhandled, *intake.of_other_numbers)
        jobs = [*(item.job(key) for item, key in pairs), *kept]
        if intake.statuses:
            jobs += self._follow(intake.statuses)
        reporters = self._reporters if intake.statuses else ()
        writes = [write for report in reporters for write in report(intake.statuses)]
        await self._inbox.enqueue(jobs, writes)
        self._count(intake)
        return intake

    def _count(self, intake: Intake) -> None:
        for kind, items in (
            ("message", intake.messages),
            ("status", intake.statuses),
            ("other", intake.unhandled),
            ("other_number", intake.of_other_numbers),
        ):
            if items:
                self._metrics.received[kind].inc(len(items))
        for status in intake.statuses:
            if status.status is DeliveryStatus.FAILED:
                self._metrics.undelivered.labels(str(status.error_code or "")).inc()
        if intake.other_number is not None and not self._has_warned_of_another_number:
            self._has_warned_of_another_number = True
            warn_of_another_number(intake.other_number, self.numbers.first.id)
