"""Handles stored events: each becomes a notification, or a dead letter that says why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger
from pydantic import ValidationError

from features.events.job_specs import EVENT, EventJob
from features.events.metrics import EventMetrics
from features.events.reading import UnreadableEvent, check_data
from features.events.registry import EventRules
from features.events.sending import EventSender
from features.notifications.problems import ApiError, Code
from jobs.model import Discard, Job, LaneState, NewJob, Outcome, Snooze
from jobs.spec import HandledJob
from utils.digest import digest

#: Time until the budget of the day is looked at again.
BUDGET_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class EventHandler:
    """Handles the jobs of events."""

    rules: EventRules
    sender: EventSender
    metrics: EventMetrics
    #: Makes jobs that tell operators something: (text, key of the alert).
    alert: Callable[[str, str], Iterable[NewJob]]
    clock: Callable[[], datetime]

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the job, with its handler."""
        return (EVENT.handled_by(self.handle),)

    async def handle(self, job: Job, body: EventJob, state: LaneState) -> Outcome:
        """Store the notification of an event. It is stored once, however often this runs."""
        rule = self.rules.find(body.type)
        if rule is None:
            raise self._failed(body, "no file in src/events is about this type")
        try:
            data = check_data(rule, body.type, body.data)
        except UnreadableEvent as error:
            raise self._failed(body, str(error)) from None
        if rule.when is not None and not rule.when(data):
            return self._ended(body, "skipped", "its `when` says that nobody is told")
        try:
            id_ = await self.sender.send(rule, body, data)
        except ApiError as error:
            return self._refused(body, error)
        except ValidationError as error:
            places = {".".join(map(str, one["loc"])) for one in error.errors()}
            raise self._failed(body, f"not valid: {', '.join(sorted(places))}") from None
        return self._ended(body, "sent", f"becomes {id_}")

    def _refused(self, body: EventJob, error: ApiError) -> Outcome:
        codes = {one.code for one in error.problems}
        if codes == {Code.REFERENCE_SEEN}:
            return self._ended(body, "duplicate", "its message was accepted before")
        if codes == {Code.BUDGET_SPENT}:
            raise Snooze("NOTIFICATIONS_PER_DAY is reached", BUDGET_PAUSE)
        told = "; ".join(f"{one.code}: {one.message} {one.fix}".strip() for one in error.problems)
        raise self._failed(body, told)

    def _ended(self, body: EventJob, result: str, told: str) -> Outcome:
        self.metrics.count(body.type, result)
        logger.info("WhatsApp event {}: {}, {}", body.type, result, told)
        return Outcome()

    def _failed(self, body: EventJob, why: str) -> Discard:
        """Return what makes an event a dead letter, and tells operators, once in an hour."""
        self.metrics.count(body.type, "failed")
        logger.warning("WhatsApp event {}: failed, {}", body.type, why)
        text = (
            f"Nobody was told of an event {body.type}: {why} "
            "`python3 watch.py jobs list --state dead` has it; `jobs retry` sends it once that "
            "is fixed."
        )
        hour = f"{self.clock():%Y-%m-%dT%H}"
        alerts = self.alert(text, f"event:{body.type}:{hour}:{digest(why, 12)}")
        return Discard(why, Outcome(jobs=[*alerts]))
