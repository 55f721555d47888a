"""What operators do for their team: notes, tags, and who takes care of a conversation."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from features.inbox import operators
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, Conversation, require_words
from features.inbox.operators import Operator
from features.inbox.push import push_job
from features.inbox.tables import mentions, messages, tags, threads
from features.inbox.tables.messages import NOTE
from features.inbox.tables.tags import MAX_TAG_CHARS, MAX_TAGS
from jobs.model import NewJob
from storage.engine.write import Write

Acted = tuple[Sequence[NewJob], Sequence[Write]]


@dataclass(frozen=True, slots=True)
class TeamActs:
    """Carries out what people do not hear of."""

    acts: InboxActs
    #: whether browsers are told of what happens while the inbox is closed
    has_pushes: bool

    async def note(self, operator: Operator, key: str, text: str) -> None:
        """Keep a note that only operators see; "@name" calls a colleague. Raise ActRefused."""
        require_words(text)
        note_id = f"note:{secrets.token_hex(8)}"

        def act(connection: Connection, it: Conversation) -> Acted:
            found = called(text, operators.in_use(connection))
            others = [one for one in found if one.id != operator.id]
            for one in others:
                mentions.add(connection, note_id, it.user.key, one.id, it.now)
            told = [push_job(note_id)] if others and self.has_pushes else []
            added = messages.add(
                note_id,
                user_key=it.user.key,
                direction=NOTE,
                kind="note",
                text=text,
                at=it.now,
                author=operator.name,
            )
            return told, [added, threads.change(it.user.key)]

        await self.acts.carry_out(operator, "noted", key, act)

    async def assign(self, operator: Operator, key: str, name: str | None) -> None:
        """Give a conversation to another operator, or to nobody. Raise ActRefused."""

        def act(connection: Connection, it: Conversation) -> Acted:
            if name not in (None, operator.name) and operators.named(connection, name) is None:
                raise ActRefused(f"There is no operator {name}.")
            return [], [threads.change(it.user.key, assigned_to=name)]

        await self.acts.carry_out(operator, "assigned", key, act)

    async def mark_read(self, operator: Operator, key: str) -> None:
        """Note that an operator has seen what the person, or a colleague, wrote."""

        def act(connection: Connection, it: Conversation) -> Acted:
            mentions.see(connection, it.user.key, operator.id, it.now)
            return [], [threads.change(it.user.key, unread=0)]

        await self.acts.carry_out(operator, "read", key, act)

    async def tag(self, operator: Operator, key: str, tag: str) -> None:
        """Put a tag on the person. Raise ActRefused."""
        tag = " ".join(tag.split())
        if not 0 < len(tag) <= MAX_TAG_CHARS:
            raise ActRefused(f"A tag has 1 to {MAX_TAG_CHARS} characters.")

        def act(connection: Connection, it: Conversation) -> Acted:
            if len(tags.of_people(connection, [it.user.key]).get(it.user.key, ())) >= MAX_TAGS:
                raise ActRefused(f"A person has up to {MAX_TAGS} tags: take one off first.")
            row = {"user_key": it.user.key, "tag": tag, "added_by": operator.name, "at": it.now}
            tags.put(connection, row)
            return [], [threads.change(it.user.key)]

        await self.acts.carry_out(operator, "tagged", key, act)

    async def untag(self, operator: Operator, key: str, tag: str) -> None:
        """Take a tag off the person."""

        def act(connection: Connection, it: Conversation) -> Acted:
            tags.take_off(connection, it.user.key, tag)
            return [], [threads.change(it.user.key)]

        await self.acts.carry_out(operator, "took a tag off", key, act)


def called(text: str, known: Sequence[Operator]) -> Sequence[Operator]:
    """Return the operators whom a text calls: by "@" and their name, or a first name of one."""
    return [one for one in known if _calls(text, one, known)]


def _calls(text: str, one: Operator, known: Sequence[Operator]) -> bool:
    first = one.name.split()[0]
    namesakes = [other for other in known if other.name.split()[0].lower() == first.lower()]
    names = [one.name, first] if len(namesakes) == 1 else [one.name]
    return any(map(partial(_has_name, text), names))


def _has_name(text: str, name: str) -> bool:
    found = re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return found is not None
