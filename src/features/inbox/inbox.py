"""What the routes of the inbox use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Connection

from domain.json import JsonObject
from features.inbox import reading
from features.inbox.acting import InboxActs
from features.inbox.drafts import Drafts
from features.inbox.erasing import InboxErasure
from features.inbox.feed import InboxFeed
from features.inbox.files import SentFiles
from features.inbox.later import LaterMessages
from features.inbox.masks import Masks
from features.inbox.media import Media
from features.inbox.operators import OWNER_ID, Operator
from features.inbox.passkeys import Passkeys
from features.inbox.person_acts import PersonActs
from features.inbox.push import Pushes
from features.inbox.questions import Questions
from features.inbox.reading import PAGE, ListFilter, iso
from features.inbox.saved_replies import SavedReplies
from features.inbox.staff import Staff, has_seen
from features.inbox.tables import mentions, presence, tags
from features.inbox.team_acts import TeamActs
from features.inbox.templates import SentTemplates
from features.inbox.thread_view import Place, show_thread
from services.sending.numbers import Number, Numbers
from storage.engine.group_commit import GroupCommit, Transaction


@dataclass(frozen=True, slots=True)
class Inbox:
    """Conversations, for operators."""

    database: GroupCommit
    acts: InboxActs
    team: TeamActs
    people: PersonActs
    later: LaterMessages
    drafts: Drafts
    erasure: InboxErasure
    feed: InboxFeed
    sent_files: SentFiles
    templates: SentTemplates
    saved_replies: SavedReplies
    questions: Questions
    masks: Masks
    staff: Staff
    passkeys: Passkeys
    media: Media
    pushes: Pushes
    numbers: Numbers
    clock: Callable[[], datetime]
    zone: tzinfo
    #: Minutes in which people should be answered; 0: no target.
    answer_minutes: int
    #: Scripts of other features, by their paths below /inbox.
    scripts: Sequence[str] = ()

    async def threads(self, operator: Operator, wanted: ListFilter) -> JsonObject:
        """Return a page of conversations."""
        now = self.clock()

        def read(connection: Connection, _: float) -> JsonObject:
            found = reading.list_threads(connection, wanted, operator=operator, now=now)
            return {
                "me": _me(operator),
                "threads": found.threads,
                "has_more": len(found.threads) == PAGE,
                "searched_since": iso(found.searched_since),
                "answer_minutes": self.answer_minutes,
                "waiting": reading.count_waiting(connection),
                "waiting_for_me": reading.count_waiting_for(connection, operator),
                "mentions": mentions.count_new(connection, operator.id),
                "tags": tags.all_tags(connection),
                "numbers": [_number(one) for one in self.numbers],
            }

        return await self.database.reader.run(read)

    async def counts(self, operator: Operator) -> JsonObject:
        """Return what waits for an operator."""

        def read(connection: Connection, _: float) -> JsonObject:
            return {
                "waiting": reading.count_waiting(connection),
                "unread": reading.count_unread(connection),
                "mentions": mentions.count_new(connection, operator.id),
            }

        return await self.database.reader.run(read)

    async def thread(self, operator: Operator, key: str, place: Place) -> JsonObject | None:
        """Return one conversation; None if there is none."""
        now = self.clock()

        def read(connection: Connection, _: float) -> tuple[JsonObject | None, bool]:
            is_noted = has_seen(connection, operator, key, now)
            return show_thread(connection, key, place, operator=operator, now=now), is_noted

        found, is_noted = await self.database.reader.run(read)
        if found is None:
            return None
        if not is_noted:
            await self.staff.note_sight(operator, key, now)
        return found | {
            "flows": self.people.flows(),
            "can_call": self.people.can_call,
            "has_drafts": self.drafts.are_there,
        }

    async def look_at(self, operator: Operator, key: str, *, is_typing: bool) -> JsonObject:
        """Note that an operator looks at a conversation; return who else does."""

        def note(connection: Connection, seconds: float) -> JsonObject:
            now = datetime.fromtimestamp(seconds, UTC)
            who = (connection, operator.id)
            if not key:
                presence.leave(*who)
                return {"others": []}
            presence.note(*who, operator.name, key, now=now, is_typing=is_typing)
            others = presence.others(*who, key, now)
            return {"others": [{"name": name, "is_typing": types} for name, types in others]}

        return await self.database.submit(Transaction(note))


def _me(operator: Operator) -> JsonObject:
    is_away = operator.is_away if operator.id != OWNER_ID else None
    return {"name": operator.name, "role": operator.role.value, "is_away": is_away}


def _number(one: Number) -> JsonObject:
    return {"id": one.id, "name": f"+{one.display}" if one.display else one.id}
