"""Rows that operators see in Airtable: the contact of each conversation, and messages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.conversation_status import HELD_STATUSES
from domain.delivery import StatusReport
from domain.user import User
from features.airtable.contact_columns import answers_of, title_of_answer
from features.airtable.tables import change_log, contact_deliveries, messages
from features.airtable.tables import contacts as desk
from schemas.outgoing_text import words_of
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.message_view import for_operators
from services.conversations.observer import ConversationObserver, EchoedMessage
from services.conversations.turn import NO_MESSAGE, ConversationTurn
from storage.engine.write import Write

#: How the ids of notes begin that say what became of a call.
OF_CALLS = ("call:", "call_wish:")
#: What operators read in place of the last message, once the person deleted one.
DELETED = "(The person deleted a message.)"


class ContactObserver(ConversationObserver):
    """Keeps what operators see of each person up to date."""

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        return (*self._touched(before, after), *_own_changes(before, after))

    def _touched(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        message = after.message
        key = after.user.key
        if before.message is NO_MESSAGE or before.message.joined:
            return _changed(before, after) if before.user != after.user else ()
        if before.message.kind == "revoke":
            return (desk.change(key, {"last_message": DELETED}),)
        if policy_for(before.message) is MessagePolicy.IGNORE:
            return ()
        shown = for_operators(message)
        number = after.phone_number_id
        waits = after.user.status in HELD_STATUSES
        return (desk.touch(key, phone_number_id=number, message=shown, waits=waits),)

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        return (desk.change(user.key, {"status_changed_by_bot": True}),) if by_bot else ()

    def handed_back(self, user: User) -> Sequence[Write]:
        return (desk.change(user.key, {"unread": 0}),)

    def message_echoed(self, echoed: EchoedMessage) -> Sequence[Write]:
        key = echoed.user.key
        met = desk.meet(key, phone_number_id=echoed.phone_number_id)
        return (met, desk.change(key, {"unread": 0}))

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        if not note_id.startswith(OF_CALLS):
            return ()
        return (desk.change(user.key, {"call_result": f"{at:%Y-%m-%d %H:%M} UTC: {text}"}),)

    def send_failed(self, key: str, reason: str) -> Sequence[Write]:
        return (
            contact_deliveries.failed(key, reason),
            contact_deliveries.reply_failed(key, reason),
        )

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        return (
            *contact_deliveries.failures(statuses),
            *contact_deliveries.arrivals(statuses),
            *contact_deliveries.reply_reports(statuses),
        )


class MessageObserver(ConversationObserver):
    """Keeps the messages of a conversation, for operators who read along."""

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        message = after.message
        if before.message is NO_MESSAGE or before.message.joined:
            return ()
        if message.kind == "revoke":
            return (messages.deleted(message.quotes or ""),)
        edited = before.message  # the turn may have heard it as a new message
        if edited.edits is not None and edited.text is not None:
            return (messages.edit(edited.edits, user_key=after.user.key, text=edited.text),)
        return (
            messages.add(
                message.message_id,
                user_key=after.user.key,
                direction="in",
                kind=message.kind,
                text=for_operators(message),
                at=min(message.sent_at or after.now, after.now),
            ),
        )

    def message_queued(
        self, key: str, user: User, message: Mapping[str, Any], at: datetime
    ) -> Sequence[Write]:
        return (
            messages.add(
                key,
                user_key=user.key,
                direction="out",
                kind=message["type"],
                text=words_of(message),
                at=at,
            ),
        )

    def message_echoed(self, echoed: EchoedMessage) -> Sequence[Write]:
        return (
            messages.add(
                echoed.message_id,
                user_key=echoed.user.key,
                direction="out",
                kind=echoed.kind,
                text=echoed.text,
                at=echoed.at,
            ),
        )

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        return (
            messages.add(note_id, user_key=user.key, direction="in", kind="note", text=text, at=at),
        )

    def send_failed(self, key: str, reason: str) -> Sequence[Write]:
        return (messages.failed(key, reason),)

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        return messages.report(statuses)


def _changed(before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
    """Return the writes of a turn without a message; a person who calls becomes a contact."""
    key, changed = after.user.key, desk.change(after.user.key, {})
    if before.user.last_inbound_at == after.user.last_inbound_at:
        return (changed,)
    return (desk.meet(key, phone_number_id=after.phone_number_id), changed)


def _own_changes(before: ConversationTurn, after: ConversationTurn) -> Iterator[Write]:
    """Yield rows of the change log: answers that the person gave anew."""
    if before.user == after.user:
        return
    old, new = answers_of(before.user), answers_of(after.user)
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield change_log.add(
                after.user.key,
                subject="contact",
                field=title_of_answer(name),
                before=str(old[name]),
                after=str(new[name]),
                changed_by=change_log.PERSON,
                at=after.now,
            )
