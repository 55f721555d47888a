"""Two rows that turn out to be one person: one goes on, the other is kept as an empty name."""

from typing import Any

from sqlalchemy import Connection, func, select, update

from features.airtable.tables.contacts import desk
from features.airtable.tables.messages import message
from features.faq.unanswered import unanswered
from features.handoff.tickets import ticket
from storage.tables.consents import consent
from storage.tables.records import record
from storage.tables.users import PROFILE_FIELDS, user

#: What the row that goes on takes over where it has nothing.
_INHERITED = (
    *sorted(PROFILE_FIELDS),
    "language",
    "opted_out_at",
    "profile_name",
    "status",
    "bot_paused_until",
)
_EMPTY = {column.key: None for column in user.c if column.key not in ("key", "merged_into")}
#: Of those Airtable has to be told that they are another contact's now.
_MIRRORED = (ticket, consent, unanswered, message)


def merge_users(connection: Connection, *, into: str, other: str) -> None:
    """All that is known of a person under the key `other` moves to the row of `into`.

    What only counts (deliveries, tokens), and the lanes, keep their names; by `merged_into` they
    are found when the person is erased.
    """
    _inherit(connection, into=into, other=other)
    connection.execute(update(record).where(record.c.user_key == other).values(user_key=into))
    for table in _MIRRORED:
        moved: dict[str, Any] = {"user_key": into, "rev": table.c.rev + 1}
        connection.execute(update(table).where(table.c.user_key == other).values(moved))
    _leave_contact(connection, into=into, other=other)


def _inherit(connection: Connection, *, into: str, other: str) -> None:
    source = user.alias()
    inherited = {
        name: func.coalesce(
            user.c[name], select(source.c[name]).where(source.c.key == other).scalar_subquery()
        )
        for name in _INHERITED
    }
    connection.execute(update(user).where(user.c.key == into).values(inherited))
    emptied: dict[str, Any] = {**_EMPTY, "merged_into": into}
    connection.execute(update(user).where(user.c.key == other).values(emptied))


def _leave_contact(connection: Connection, *, into: str, other: str) -> None:
    """What operators noted there is theirs: the contact stays, and says where the person is."""
    left: dict[str, Any] = {
        "last_inbound_at": None,
        "last_message": None,
        "unread": 0,
        "reply_result": None,
        "problem": f"The same person as the contact {into}.",
        "rev": desk.c.rev + 1,
    }
    connection.execute(update(desk).where(desk.c.key == other).values(left))
    source = desk.alias()
    asked = select(source.c.erase_at).where(source.c.key == other).scalar_subquery()
    goes_on: dict[str, Any] = {
        "erase_at": func.coalesce(desk.c.erase_at, asked),
        "status_changed_by_bot": True,  # a block goes with the person
        "rev": desk.c.rev + 1,
    }
    connection.execute(update(desk).where(desk.c.key == into).values(goes_on))
