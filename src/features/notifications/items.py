"""Items of a request as they are understood: with the defaults, and the phone number read."""

import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from features.notifications.phone_numbers import Phone, WrongPhone, read_phone
from features.notifications.problems import Code, Problem
from features.notifications.schema import Defaults, Item, NotificationRequest
from features.templates.model import TemplateValues
from texts.markdown import shows_nothing

#: Longest time ahead for which a notification may be scheduled.
MAX_AHEAD = timedelta(days=30)
MAX_METADATA_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item, and what is wrong with it by itself."""

    position: int
    item: Item
    phone: Phone | None
    problems: Sequence[Problem] = ()

    @property
    def place(self) -> str:
        """Where it is in the request."""
        return f"items[{self.position}]"

    @property
    def recipient(self) -> str:
        """The digits of the phone number, or the user id; empty if none can be read."""
        return self.phone.digits if self.phone else self.item.user_id or ""

    @property
    def values(self) -> TemplateValues:
        """What fills the template."""
        return self.item.template.values() if self.item.template else TemplateValues()


def read_items(
    request: NotificationRequest, now: datetime, country: str | None
) -> Sequence[ReadItem]:
    """Read all items; `country` is that of phone numbers that name none."""
    defaults = request.defaults
    country = defaults.country or country
    given = defaults.model_fields_set - {"country"}
    seen: set[str] = set()
    return [
        _read(position, _completed(item, defaults, given), now, country, seen)
        for position, item in enumerate(request.items)
    ]


def _completed(item: Item, defaults: Defaults, given: Set[str]) -> Item:
    """Return the item with what it does not say itself, of the fields that the defaults give."""
    if not given:
        return item
    names = given - item.model_fields_set
    if item.text is not None:
        names -= {"template"}
    if item.template is not None:
        names -= {"text"}
    changes = {name: getattr(defaults, name) for name in names}
    if item.template is not None:
        changes["template"] = item.template.completed(defaults.template)
    return item.changed(changes) if changes else item


def _read(
    position: int, item: Item, now: datetime, country: str | None, seen: set[str]
) -> ReadItem:
    phone, problems = _phone(item, country)
    problems += _content_problems(item)
    problems += _time_problems(item, now)
    if item.reference is not None:
        if item.reference in seen:
            problems.append(reference_seen())
        seen.add(item.reference)
    placed = [one.inside(f"items[{position}]") for one in problems]
    return ReadItem(position, item, phone, placed)


def reference_seen() -> Problem:
    """Return the problem of a reference that another notification has."""
    return Problem(
        code=Code.REFERENCE_SEEN,
        field="reference",
        message="Another notification has this reference.",
        fix="Ask for it with GET ?reference=, or give another reference.",
    )


def _phone(item: Item, country: str | None) -> tuple[Phone | None, list[Problem]]:
    if (item.to is None) == (item.user_id is None):
        return None, [
            Problem(
                code=Code.RECIPIENT_MISSING,
                field="to",
                message="An item has one recipient.",
                fix="Give either `to` or `user_id`.",
            )
        ]
    if item.to is None:
        return None, []
    try:
        return read_phone(item.to, country), []
    except WrongPhone as error:
        message = "The phone number cannot be read."
        return None, [Problem(code=Code.PHONE_INVALID, field="to", message=message, fix=str(error))]


def _content_problems(item: Item) -> Iterator[Problem]:
    template = item.template
    if template is not None and item.text is not None:
        yield Problem(
            code=Code.CONTENT_TWICE,
            field="text",
            message="An item is either a template or a text.",
            fix="Leave one of them out.",
        )
    elif template is None and item.text is None:
        yield Problem(
            code=Code.CONTENT_MISSING,
            field="template",
            message="Nothing says what to send.",
            fix="Give `template`, or `text` to people who wrote within 24 hours.",
        )
    elif template is not None and not template.named[0]:
        yield Problem(
            code=Code.FIELD_MISSING,
            field="template.name",
            message="The template has no name.",
            fix="Give `name` and `language`, or `key`.",
        )
    if item.text is not None and shows_nothing(item.text):
        message = "The text shows nothing."
        yield Problem(code=Code.CONTENT_MISSING, field="text", message=message, fix="Write one.")
    if item.metadata and len(json.dumps(item.metadata).encode()) > MAX_METADATA_BYTES:
        yield Problem(
            code=Code.METADATA_TOO_LARGE,
            field="metadata",
            message="The metadata has more than 4 kB.",
            fix="Keep it on your side, under `reference`.",
        )


def _time_problems(item: Item, now: datetime) -> Iterator[Problem]:
    begins = max(item.send_at or now, now)
    if begins > now + MAX_AHEAD:
        yield Problem(
            code=Code.SEND_AT_TOO_LATE,
            field="send_at",
            message="It is more than 30 days ahead.",
            fix="Send the request when it is nearer.",
        )
    if item.expires_at is not None and item.expires_at <= begins:
        yield Problem(
            code=Code.EXPIRES_TOO_EARLY,
            field="expires_at",
            message="It expires before it may be sent.",
            fix="Give a later time, or none.",
        )
