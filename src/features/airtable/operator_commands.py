"""What operators changed, as what the bot does about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict

from domain.conversation_status import (
    HELD_STATUSES,
    HUMAN_STATUSES,
    OPERATOR_STATUSES,
    ConversationStatus,
    shown_status,
)
from features.airtable.tables.contacts import Contact, ContactChanges
from features.airtable.timestamps import parse_iso_datetime
from utils.digest import digest
from utils.visible_text import is_blank

Cells = Mapping[str, Any]

#: Time between the confirmation of an erasure and the erasure, in which it can be undone.
ERASURE_GRACE = timedelta(hours=1)
CONFIRM = "Confirm erasure"
ERASE_FIELDS = frozenset({"Erase requested", CONFIRM})
UNDO = "Untick one of the two fields before, and nothing is erased."
#: Fields that changes have to come with, since what one says depends on the others.
READ_TOGETHER = ("Reply", "Assigned to", *sorted(ERASE_FIELDS))


class UserChanges(TypedDict, total=False):
    """What operators change of a person, for `storage.tables.users.change`."""

    role: str | None
    profile_name: str | None
    status: str | None
    bot_paused_until: datetime | None
    held_since: datetime | None
    held_by: str | None


@dataclass(slots=True)
class OperatorCommands:
    """What follows from the cells of one contact."""

    #: of the person
    user: UserChanges = field(default_factory=UserChanges)
    #: of their row on the desk
    desk: ContactChanges = field(default_factory=ContactChanges)
    #: a text to send as it is
    reply: str | None = None
    #: Whether the bot is to call the person.
    calls: bool = False
    #: Whether the operator who replied is to be noted as the one who answers.
    assigns: bool = False

    def __bool__(self) -> bool:
        return bool(self.user or self.desk or self.reply)


def parse_commands(
    row: Contact,
    cells: Cells,
    *,
    now: datetime,
    idle: timedelta,
    has_template: bool,
    can_call: bool = False,
) -> OperatorCommands:
    """Compare the cells of operators (by name; only those that are there count) with what we know.

    To read the same cells again orders nothing new. With a template, a reply outside the window is
    passed on: the template is sent in its place.
    """
    orders = OperatorCommands()
    _read_handling(row, cells, orders, now=now, idle=idle)
    _read_pause(row, cells, orders, now=now)
    _read_reply(row, cells, orders, now=now, idle=idle, has_template=has_template)
    _read_call(row, cells, orders, now=now, can_call=can_call)
    if "Role" in cells and (cells["Role"] or None) != row.user.role:
        orders.user["role"] = cells["Role"] or None
    if "Tags" in cells and frozenset(cells["Tags"] or ()) != row.tag_names:
        orders.desk["tags"] = json.dumps(sorted(cells["Tags"] or ()))
    _read_erasure(row, cells, orders, now=now)
    return orders


def _read_call(
    row: Contact, cells: Cells, orders: OperatorCommands, *, now: datetime, can_call: bool
) -> None:
    """Have the person called, once for each tick; it is taken away with the answer."""
    if not cells.get("Call") or row.call_taken is not None:  # it still waits to be unticked
        return
    at = f"{now:%Y-%m-%d %H:%M} UTC"
    if not can_call:
        result = "Not called: calls are off (CALLS_ENABLED)."
    elif row.user.opted_out_at is not None:
        result = "Not called: the person wants no more messages (STOP)."
    elif orders.user.get("status", row.user.status) == ConversationStatus.BLOCKED:
        result = "Not called: this person is blocked."
    else:
        orders.calls = True
        result = f"{at}: the bot calls, or asks first whether it may."
    orders.desk |= {"call_taken": now.isoformat(), "call_result": result}


def _read_erasure(row: Contact, cells: Cells, orders: OperatorCommands, *, now: datetime) -> None:
    """Erase once both fields are ticked and an hour has passed; until then it can be undone."""
    if ERASE_FIELDS.isdisjoint(cells):
        return
    is_requested, is_confirmed = (bool(cells.get(name)) for name in ("Erase requested", CONFIRM))
    if is_requested and is_confirmed:
        if row.erase_at is None:
            at = now + ERASURE_GRACE
            told = f"All about this person is erased at {at:%Y-%m-%d %H:%M} UTC. {UNDO}"
            orders.desk |= {"erase_at": at, "erasure": told}
        return
    told_now = f"Nothing is erased yet: tick {CONFIRM}, too." if is_requested else None
    is_undone = row.erase_at is not None and row.erase_at > now
    if is_undone:
        orders.desk["erase_at"] = None
    if (row.erase_at is None or is_undone) and row.erasure != told_now:
        orders.desk["erasure"] = told_now


def _read_handling(
    row: Contact, cells: Cells, orders: OperatorCommands, *, now: datetime, idle: timedelta
) -> None:
    if "Status" not in cells or row.status_changed_by_bot:  # Airtable does not know the bot's yet
        return
    wanted = cells["Status"] or ConversationStatus.BOT
    if wanted not in OPERATOR_STATUSES or wanted == shown_status(row.user.status):
        return
    by_people = wanted in HUMAN_STATUSES
    orders.user |= _held(wanted, now=now, until=now + idle if by_people else None)
    orders.desk |= {"status_changed_by_bot": False}
    if not by_people:
        orders.desk["unread"] = 0


def _held(status: str, *, now: datetime, until: datetime | None) -> UserChanges:
    """Return what changes when operators hold a conversation from now on, or let it go."""
    since = None if status == ConversationStatus.BOT else now
    return {"status": status, "bot_paused_until": until, "held_since": since, "held_by": None}


def _read_pause(row: Contact, cells: Cells, orders: OperatorCommands, *, now: datetime) -> None:
    if "Bot paused until" not in cells:
        return
    until = parse_iso_datetime(cells["Bot paused until"])
    known = orders.user.get("bot_paused_until", row.user.bot_paused_until)
    is_by_people = orders.user.get("status", row.user.status) in HELD_STATUSES
    if until is not None and until > now and (known is None or until > known):
        orders.user["bot_paused_until"] = until
    elif until is None and known is not None and not is_by_people:
        orders.user["bot_paused_until"] = None


def _read_reply(
    row: Contact,
    cells: Cells,
    orders: OperatorCommands,
    *,
    now: datetime,
    idle: timedelta,
    has_template: bool,
) -> None:
    text = str(cells.get("Reply") or "").strip()
    if not cells.get("Send reply"):
        return
    mark = digest(text, 16)
    if row.reply_taken == mark:  # it still waits to be unticked
        return
    orders.desk |= {"reply_taken": mark, "reply_text": None, "reply_delivery": None}
    if is_blank(text):
        orders.desk["reply_result"] = "Not sent: Reply is empty."
    elif row.user.opted_out_at is not None:
        orders.desk["reply_result"] = "Not sent: the person wants no more messages (STOP)."
    elif not row.is_window_open(now) and not has_template:
        wrote = "more than 24 hours ago" if row.user.last_inbound_at else "nothing yet"
        orders.desk["reply_result"] = (
            f"Not sent: the person wrote {wrote}, and WhatsApp lets only templates through until "
            "they write."
        )
    else:
        orders.reply = text
        orders.desk |= {
            "reply_result": f"Sent at {now:%Y-%m-%d %H:%M} UTC: {text}",
            "reply_text": text,
            "unread": 0,
        }
        orders.assigns = "Assigned to" in cells and not cells["Assigned to"]
        if "status" not in orders.user and row.user.status != ConversationStatus.HUMAN:
            orders.user |= _held(ConversationStatus.HUMAN, now=now, until=now + idle)
            orders.desk["status_changed_by_bot"] = True
        elif (orders.user.get("status") or row.user.status) in HELD_STATUSES:
            orders.user["bot_paused_until"] = now + idle
