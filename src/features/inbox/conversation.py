"""A conversation as operators act in it, and what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.inbound import Attachment
from domain.user import User
from features.inbox.tables import messages, threads
from jobs.model import NewJob
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage
from storage.engine.write import Write
from storage.tables import users
from texts.markdown import shows_nothing


class ActRefused(Exception):
    """What an operator wants to do is not possible; the text says why."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, as it is when an operator does something."""

    user: User
    phone_number_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class OperatorMessage:
    """A message of an operator, and what the thread shows of it."""

    message: OutgoingMessage
    text: str | None
    attachment: Attachment | None = None
    #: Meta's id of the message that it is a reaction to
    about: str | None = None


#: Decides what an act leads to: (connection, conversation) -> jobs and writes.
Act = Callable[[Connection, Conversation], tuple[Sequence[NewJob], Sequence[Write]]]


def find_conversation(connection: Connection, key: str, now: datetime) -> Conversation:
    """Return the conversation with a person. Raise ActRefused."""
    user = users.people(connection, users.by_key, [key]).get(key)
    number = threads.number_of(connection, user.key) if user else None
    if user is None or number is None:
        raise ActRefused("This conversation is not there any more.")
    return Conversation(user, number, now)


def require_words(text: str) -> None:
    """Raise ActRefused for a text that shows nothing."""
    if shows_nothing(text):
        raise ActRefused("Write something first.")


def require_unanswered(connection: Connection, it: Conversation, who: str, seen: datetime) -> None:
    """Raise ActRefused if a colleague answered since; the operator then sees it, and decides."""
    author = messages.answered_since(connection, it.user.key, seen, except_by=who)
    if author is not None:
        raise ActRefused(
            f"{author} has just answered. Read it, and send again if you have more to say."
        )


def signed(job: NewJob, it: Conversation, said: OperatorMessage, author: str, number: int) -> Write:
    """Return the row of a message that an operator sent: it says who it was, and its place."""
    return messages.add(
        str(job.key),
        user_key=it.user.key,
        direction=messages.OUT,
        kind=str(said.message.payload()["type"]),
        text=said.text,
        at=it.now + timedelta(microseconds=number),
        quotes=said.about or said.message.quoting,
        author=author,
        attachment=said.attachment,
    )


def listed(it: Conversation, said: Sequence[OperatorMessage]) -> Sequence[Write]:
    """Return what has the list show what a person reads of templates, in place of their names."""
    return [
        threads.touch(
            it.user,
            phone_number_id=it.phone_number_id,
            direction=messages.OUT,
            text=one.text,
            at=it.now,
        )
        for one in said
        if one.text and isinstance(one.message, TemplateMessage)
    ]
