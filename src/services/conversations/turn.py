"""One turn of one conversation: what was known before it, and everything it decides."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.conversation_status import ConversationStatus
from domain.user import User
from features.airtable.tables import contacts as desk
from features.airtable.tables import messages
from features.assistant.chat_state import ChatState
from features.faq import hits as faq_hits
from features.faq import unanswered
from features.handoff import tickets
from flow_engine import FlowState
from jobs.model import NewJob, NewTimer, Outcome
from schemas.cloud_api_schema import OutgoingMessage
from services.sending.outbox import outbox
from storage.engine.write import Write
from storage.people.lane_states import forget_merged
from storage.person_table import forget_words
from storage.tables import consents, records, users

#: Between two remarks that nobody of us is there.
AWAY_NOTICE_INTERVAL = timedelta(hours=12)
#: Of a question, what operators see.
LONGEST_UNANSWERED = 300


class ConversationState(BaseModel):
    """Where a conversation stands: what its lane stores."""

    model_config = ConfigDict(frozen=True)

    flow: FlowState | None = None
    talk: ChatState = ChatState()
    #: the menu that was shown last, whose choices may also be typed
    menu: str | None = None
    #: when the person was told that nobody of us is there, in seconds since 1970
    away_told_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of ours that goes to Meta before the message that shows it."""

    #: its name in the folder of the bot's files: a path would not outlive a move
    file: str
    mime_type: str


@dataclass(slots=True)
class Conversation:
    """Collects what a turn decides, so that all of it is stored at once."""

    user: User
    phone_number_id: str
    state: ConversationState
    language: str
    now: datetime
    _sent: list[tuple[OutgoingMessage, Upload | None]] = field(default_factory=list)
    _timers: dict[str, NewTimer | None] = field(default_factory=dict)
    _writes: list[Write] = field(default_factory=list)
    _jobs: list[NewJob] = field(default_factory=list)

    def send(self, message: OutgoingMessage, upload: Upload | None = None) -> None:
        self._sent.append((message, upload))

    @property
    def count(self) -> int:
        """Of messages that go out."""
        return len(self._sent)

    def set_flow(self, flow: FlowState | None) -> None:
        """Where the person stands in a flow; None: in none, and nothing is waited for."""
        self.state = self.state.model_copy(update={"flow": flow})
        if flow is None:
            self._timers.update(dict.fromkeys(("remind", "cancel")))

    def set_menu(self, name: str | None) -> None:
        """What a typed choice is looked up in; None: nothing but the home menu."""
        self.state = self.state.model_copy(update={"menu": name})

    def set_timer(self, name: str, after: timedelta, *, turn: int) -> None:
        due = (self.now + after).timestamp()
        self._timers[name] = NewTimer(after, {"timer": name, "turn": turn, "due": due})

    def change_talk(self, **values: object) -> None:
        """Of the talk with the assistant."""
        talk = self.state.talk.changed(**values)
        self.state = self.state.model_copy(update={"talk": talk})

    def change_user(self, **values: Any) -> None:
        self.user = self.user.with_changes(values)
        self._writes.append(users.change(self.user.key, values))

    def stop_talk(self) -> None:
        """Whatever was asked needs no answer any more."""
        self.change_talk(is_on=False, asking=None, waiting=())

    def save_profile(self, fields: Mapping[str, Any]) -> None:
        """What the person told us; with the version of a consent, that they agreed just now."""
        values = dict(fields)
        if isinstance(values.get("birth_date"), str):
            values["birth_date"] = date.fromisoformat(values["birth_date"])
        if values.get("consent_version"):
            values |= {"consent_at": self.now, "registered_at": self.now}
            self.note_consent("agreed", f"privacy text {values['consent_version']}")
        self.change_user(**values)

    def note_consent(self, event: str, detail: str | None) -> None:
        """Keep for good what was agreed to, or taken back."""
        event_id = secrets.token_hex(8)
        self._writes.append(
            consents.add(event_id, user_key=self.user.key, event=event, detail=detail, at=self.now)
        )

    def opt_out(self, words: str) -> None:
        """The person wants to hear nothing of us any more; offers would need a new consent."""
        self.set_flow(None)
        self.stop_talk()
        self.change_user(opted_out_at=self.now)
        self.note_consent("opted out", words)
        self.agree_to_marketing(wanted=False)

    def opt_in(self, words: str) -> None:
        """The person writes with us again."""
        self.change_user(opted_out_at=None)
        self.note_consent("opted in", words)

    def agree_to_marketing(self, *, wanted: bool) -> None:
        """The person wants to hear of offers, or no longer does."""
        if wanted != (self.user.marketing_at is not None):
            self.change_user(marketing_at=self.now if wanted else None)
            self.note_consent("agreed to marketing" if wanted else "no more marketing", None)

    def forget_profile(self) -> None:
        """All that the person told us goes, and with it what they agreed to."""
        if self.user.consent_at is not None:
            self.note_consent("withdrew", None)
        self.agree_to_marketing(wanted=False)
        self.change_user(**dict.fromkeys(users.PROFILE_FIELDS))
        self._writes += forget_words(self.user.key)
        self._writes.append(forget_merged("in", self.phone_number_id, self.user.key))
        self.change_talk(history=(), summary="", waiting=(), asking=None)

    def save_record(self, collection: str, fields: Mapping[str, object]) -> None:
        write = records.add(collection, fields, user_key=self.user.key, at=self.now)
        self._writes.append(write)

    def meet(self) -> None:
        """Have a row for a person who has none."""
        self._writes.append(users.add(self.user))

    def show_message(self, message_id: str, kind: str, text: str | None) -> None:
        """Let operators read along."""
        self._writes.append(
            messages.add(
                message_id,
                user_key=self.user.key,
                direction="in",
                kind=kind,
                text=text,
                at=self.now,
            )
        )

    def show_on_desk(self, message: str) -> None:
        """Let operators see what the person wrote last."""
        self._writes.append(
            desk.touch(
                self.user.key,
                phone_number_id=self.phone_number_id,
                at=self.now,
                message=message,
            )
        )

    def hand_off(self, idle: timedelta, *, asked: str) -> str:
        """Somebody of us answers from now on, and the bot keeps silent for a while.

        Returns the number of the ticket.
        """
        self.change_user(
            status=ConversationStatus.NEEDS_HUMAN.value, bot_paused_until=self.now + idle
        )
        number = secrets.token_hex(5).upper()
        ticket = tickets.open_(number, user_key=self.user.key, asked=asked, at=self.now)
        self._writes += [desk.change(self.user.key, {"status_changed_by_bot": True}), ticket]
        return number

    def add_writes(self, writes: Sequence[Write]) -> None:
        """Rows that belong to this turn."""
        self._writes += writes

    def add_job(self, job: NewJob) -> None:
        """Work for another lane that goes with this turn."""
        self._jobs.append(job)

    def note_answer(self, record_id: str) -> None:
        """An answer of operators was given."""
        self._writes.append(faq_hits.count(record_id, self.now))

    def note_unanswered(self, question: str) -> None:
        """Operators have no answer to this."""
        asked = " ".join(question.split())[:LONGEST_UNANSWERED]
        mark = hashlib.sha256(f"{self.user.key}\n{asked.lower()}".encode()).hexdigest()[:16]
        self._writes.append(
            unanswered.add(
                mark,
                user_key=self.user.key,
                question=asked,
                language=self.language,
                at=self.now,
            )
        )

    def should_send_away_notice(self) -> bool:
        """Whether to say that nobody is there: once in a while is enough."""
        since = self.now.timestamp() - self.state.away_told_at
        if since < AWAY_NOTICE_INTERVAL.total_seconds():
            return False
        self.state = self.state.model_copy(update={"away_told_at": self.now.timestamp()})
        return True

    def return_to_bot(self) -> None:
        """The bot answers again."""
        self.change_user(status=None, bot_paused_until=None)
        closed = tickets.close(self.user.key, at=self.now)
        self._writes += [desk.change(self.user.key, {"status_changed_by_bot": True}), closed]

    @property
    def is_bot_paused(self) -> bool:
        """Whether the bot may not answer: a person does, or nobody."""
        if self.user.status == ConversationStatus.BLOCKED:
            return True
        return self.user.bot_paused_until is not None and self.now < self.user.bot_paused_until

    def outcome(self, origin: str, *, read: str | None = None, shown: bool = False) -> Outcome:
        """What to store. `origin` is unique for this turn, and the same whenever it is repeated.

        `read` is the message to mark as read along with the first reply.
        """
        bodies = [
            {"message": message.payload(), "upload": asdict(upload) if upload else None}
            for message, upload in self._sent
        ]
        if read is not None and not bodies:
            bodies = [{"message": None, "upload": None}]
        jobs, sent = outbox(
            bodies,
            self.user,
            self.phone_number_id,
            origin=origin,
            read=read,
            at=self.now,
            shown=shown,
        )
        state = self.state.model_dump(mode="json", exclude_defaults=True)
        return Outcome(state, [*jobs, *self._jobs], self._timers, [*self._writes, *sent])
