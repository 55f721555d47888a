"""Tells a person, or starts a flow, when an operator gives their record a status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from features.airtable.tables import contact_reader
from features.airtable.tables.contacts import Contact
from flow_engine import Say, StatusAction
from jobs.model import Job, LaneState, Outcome
from jobs.retry import INTERACTIVE
from jobs.spec import JobSpec
from schemas.cloud_api_schema import TemplateMessage
from services.conversations.decisions import NOTHING, Decisions, sending, writing
from services.conversations.effect_executor import EffectExecutor
from services.conversations.job_specs import CONVERSATIONS
from services.conversations.turn import ConversationTurn
from services.parts import Parts
from storage.engine.group_commit import Transaction
from storage.tables import records
from storage.tables.records import SavedRecord

NO_TEMPLATE = (
    "Not told: the person wrote more than 24 hours ago, and WhatsApp lets only templates through. "
    "The flow names no template for this status."
)
OPTED_OUT = "Not told: the person wants no more messages (STOP)."
BLOCKED = "Not told: the person is blocked."
IN_FORM = "Not started: the person is filling in another form. Set the status again later."


class StatusJob(BaseModel):
    """An operator gave a record this status."""

    model_config = ConfigDict(frozen=True)

    record: int
    status: str


#: The person whose record it is, is told, or a flow of theirs starts.
RECORD_STATUS = JobSpec("record_status", StatusJob, pool=CONVERSATIONS, retry=INTERACTIVE)


@dataclass(frozen=True, slots=True)
class RecordStatusJobs:
    """Carries out what flows declare as `on_status`."""

    parts: Parts

    async def carry_out(self, job: Job, body: StatusJob, state: LaneState) -> Outcome:
        """Run a turn of the conversation in which the person is told."""

        async def decide(turn: ConversationTurn) -> Decisions:
            found, contact = await self._find(body.record, turn.user.key)
            if found is None or found.status != body.status:
                return NOTHING  # deleted, or changed once more
            form = self.parts.context.flows.saved.form(found.collection)
            action = form.on_status.get(body.status) if form else None
            return NOTHING if action is None else await self._act(turn, found, contact, action)

        return await self.parts.conversations.runner.run("record_status", job, state, decide)

    async def _act(
        self,
        turn: ConversationTurn,
        row: SavedRecord,
        contact: Contact | None,
        action: StatusAction,
    ) -> Decisions:
        if (problem := _obstacle(turn, action)) is not None:
            return _noted(row, problem=problem)
        if contact is None or not contact.is_window_open(turn.now):
            return _by_template(turn, row, action)
        effect = action.effect
        if isinstance(effect, Say):
            effect = Say(effect.key, {**_parameters(row), **effect.params})
        done = f"{'Told' if isinstance(effect, Say) else 'Started'} at {_time(turn.now)}."
        executed = await EffectExecutor(self.parts.context).execute(turn, [effect])
        return executed + _noted(row, notice=f"{row.status}: {done}")

    async def _find(
        self, record_id: int, user_key: str
    ) -> tuple[SavedRecord | None, Contact | None]:
        found, contacts = await self.parts.database.submit(
            Transaction(
                lambda c, _: (records.find(c, record_id), contact_reader.by_keys(c, [user_key]))
            )
        )
        return found, contacts[0] if contacts else None


def _obstacle(turn: ConversationTurn, action: StatusAction) -> str | None:
    """Return why nothing may be sent or started; None if it may."""
    if turn.is_opted_out:
        return OPTED_OUT
    if turn.is_blocked:
        return BLOCKED
    is_busy = turn.state.flow is not None and not isinstance(action.effect, Say)
    return IN_FORM if is_busy else None


def _by_template(turn: ConversationTurn, row: SavedRecord, action: StatusAction) -> Decisions:
    """Send the template that is declared, since WhatsApp takes nothing else now."""
    if action.template is None:
        return _noted(row, problem=NO_TEMPLATE)
    values = _parameters(row)
    parameters = [
        {"type": "text", "text": " ".join(str(values.get(name, "")).split()) or "-"}
        for name in action.parameters
    ]
    body = [{"type": "body", "parameters": parameters}] if parameters else []
    message = TemplateMessage(name=action.template, language=turn.language, components=body)
    told = f"{row.status}: told by the template {action.template} at {_time(turn.now)}."
    return sending([message]) + _noted(row, notice=told)


def _noted(row: SavedRecord, *, notice: str | None = None, problem: str | None = None) -> Decisions:
    values: dict[str, Any] = {"problem": problem}
    if notice is not None:
        values["notice"] = notice
    return writing(records.change(row.id, values))


def _parameters(row: SavedRecord) -> Mapping[str, str | int]:
    """Return the fields of a record, for texts; an answer that was not given is empty."""
    return {
        name: value if isinstance(value, str | int) else "" if value is None else str(value)
        for name, value in row.values.items()
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
