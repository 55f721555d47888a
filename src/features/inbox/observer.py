"""Keeps the messages of all conversations, while there is somebody to read them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.conversation_status import HELD_STATUSES, ConversationStatus
from domain.delivery import StatusReport
from domain.inbound import Inbound
from domain.user import User
from features.inbox.sent_view import shown_text
from features.inbox.tables import cases, messages, threads
from features.inbox.tables.messages import IN, NOTE, OUT, STEP
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.message_view import words_of
from services.conversations.observer import ConversationObserver, EchoedMessage
from services.conversations.turn import NO_MESSAGE, ConversationTurn
from storage.engine.write import Write

#: Age up to which a message counts as written when it is handled.
FRESH = timedelta(seconds=10)
#: Authors of what was written elsewhere under our number.
PHONE, AGENT = "Owner's phone", "Meta's agent"
#: What the list shows in place of a message that its sender deleted.
DELETED = "(deleted)"


class InboxObserver(ConversationObserver):
    """Keeps messages, and what the list shows of each conversation."""

    def __init__(
        self, is_on: Callable[[], bool], phone_number_id: str, *, takes_turns: bool = False
    ) -> None:
        self._is_on = is_on
        #: whether people who wait are given to operators in turn
        self._takes_turns = takes_turns
        #: our number, for conversations that nobody has written in yet
        self._phone_number_id = phone_number_id
        #: time of the latest turn that said something, and how much it has said
        self._spoke_at: datetime | None = None
        self._spoken = 0

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        if not self._is_on():
            return ()
        return (*self._heard(before, after), *self._form_changed(before, after))

    def _heard(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        message = before.message
        if message is NO_MESSAGE or message.joined:
            return ()
        if message.kind == "revoke":
            return self._deleted(after, message.quotes or "")
        if message.edits is not None and message.text is not None:
            edited = messages.edit(
                message.edits, user_key=after.user.key, text=message.text, at=after.now
            )
            return (edited, threads.message_changed([message.edits]))
        if policy_for(message) is MessagePolicy.IGNORE and message.kind != "reaction":
            return ()
        return self._written(after)

    def message_queued(
        self, key: str, user: User, message: Mapping[str, Any], at: datetime
    ) -> Sequence[Write]:
        if not self._is_on():
            return ()
        quotes = message.get("context", {}).get("message_id")
        return self._said(
            key,
            user,
            message["type"],
            shown_text(message),
            at,
            self._phone_number_id,
            quotes=quotes,
        )

    def message_echoed(self, echoed: EchoedMessage) -> Sequence[Write]:
        if not self._is_on():
            return ()
        author, user = AGENT if echoed.by_agent else PHONE, echoed.user
        said = self._said(
            echoed.message_id,
            user,
            echoed.kind,
            echoed.text,
            echoed.at,
            echoed.phone_number_id,
            author=author,
        )
        return (*said, threads.settle(user.key), cases.answer(user.key, author, echoed.at))

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        if not self._is_on():
            return ()
        noted = messages.add(
            note_id, user_key=user.key, direction=NOTE, kind="note", text=text, at=at
        )
        return (noted, threads.message_changed([note_id]))

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        if not self._is_on():
            return ()
        if user.status == ConversationStatus.NEEDS_HUMAN:
            given = (threads.give(user.key, at),) if self._takes_turns else ()
            return (
                threads.change(user.key, waiting_since=at),
                cases.open_(user.key, at),
                *given,
            )
        settled = threads.settle(user.key)
        return (settled,) if user.status in HELD_STATUSES else (settled, cases.close(user.key, at))

    def handed_back(self, user: User) -> Sequence[Write]:
        return (threads.settle(user.key),) if self._is_on() else ()

    def send_failed(self, key: str, reason: str) -> Sequence[Write]:
        if not self._is_on():
            return ()
        return (messages.failed(key, reason), threads.message_changed([key]))

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        ids = [one.callback_data for one in statuses if one.callback_data]
        if not ids or not self._is_on():
            return ()
        return (messages.report(statuses), threads.message_changed(ids))

    def _written(self, after: ConversationTurn) -> Sequence[Write]:
        """The person wrote: `after.message` is the message as it was understood."""
        message, key = after.message, after.user.key
        at = _written_at(message, after.now)
        added = messages.add(
            message.message_id,
            user_key=key,
            direction=IN,
            kind=message.kind,
            text=words_of(message) or None,
            at=at,
            quotes=message.quotes,
            attachment=message.attachment,
        )
        waits = after.is_with_human and not after.is_opted_out
        touched = threads.touch(
            after.user,
            phone_number_id=after.phone_number_id,
            direction=IN,
            text=_shown(message),
            at=at,
            is_unread=after.is_bot_paused,
            waiting_since=at if waits else None,
        )
        return (added, touched)

    def _said(
        self,
        message_id: str,
        user: User,
        kind: str,
        text: str | None,
        at: datetime,
        phone_number_id: str,
        *,
        quotes: str | None = None,
        author: str | None = None,
    ) -> Sequence[Write]:
        added = messages.add(
            message_id,
            user_key=user.key,
            direction=OUT,
            kind=kind,
            text=text,
            at=self._in_order(at),
            quotes=quotes,
            author=author,
        )
        touched = threads.touch(
            user,
            phone_number_id=phone_number_id,
            direction=OUT,
            text=text or f"[{kind}]",
            at=at,
        )
        return (added, touched)

    def _form_changed(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        """Say that a form began, or ended."""
        was, now = _form_of(before), _form_of(after)
        if was == now:
            return ()
        said = [f"The form “{was}” ended."] if was else []
        said += [f"The form “{now}” began."] if now else []
        step = messages.add(
            f"step:{secrets.token_hex(8)}",
            user_key=after.user.key,
            direction=OUT,
            kind=STEP,
            text=" ".join(said),
            at=after.now + timedelta(microseconds=1),
        )
        return (step,)

    def _in_order(self, at: datetime) -> datetime:
        """Return a moment of its own for each message of a turn, which all have one time."""
        self._spoken = self._spoken + 1 if at == self._spoke_at else 1
        self._spoke_at = at
        return at + timedelta(microseconds=self._spoken + 1)  # after the line of a form

    def _deleted(self, after: ConversationTurn, message_id: str) -> Sequence[Write]:
        shown = threads.change(after.user.key, last_text=DELETED)
        return (messages.delete_for_all(message_id), shown)


def _written_at(message: Inbound, now: datetime) -> datetime:
    """Return Meta's time of a message that comes late; Meta's seconds would mix up the others."""
    sent_at = message.sent_at
    return now if sent_at is None or now - sent_at < FRESH else sent_at


def _form_of(turn: ConversationTurn) -> str | None:
    form = turn.state.flow
    return form.flow.replace("_", " ") if form is not None else None


def _shown(message: Inbound) -> str:
    return words_of(message) or f"[{message.kind}]"
