"""Puts what is kept about a person into words: titles of options, dates as people write them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.user import User
from features.my_data.records import SavedRecord
from flow_engine import LANGUAGES
from texts.catalogue import Texts

#: Keys of what is said of an event of the consent log.
DECISIONS = {
    "agreed": "agreed",
    "withdrew": "withdrew",
    "agreed to marketing": "agreed_to_offers",
    "no more marketing": "no_more_offers",
    "opted out": "stopped",
    "opted in": "started",
}


def whatsapp_lines(texts: Texts, language: str, user: User) -> Iterator[str]:
    """Yield what WhatsApp says of a person, without which no answer would reach them."""
    given = {"profile_name": user.profile_name, "number": user.phone}
    yield from _lines(texts, language, given)


def profile_lines(texts: Texts, language: str, user: User) -> Iterator[str]:
    """Yield what the person told or agreed to; nothing for what they never did."""
    yield from _lines(texts, language, _told(texts, language, user))
    for name, value in user.profile.items():
        yield _other(texts, language, name, value)


def decided(texts: Texts, language: str, log: Sequence[tuple[str, datetime]]) -> str:
    """Return what a person agreed to or took back: "27 November 2026: messages stopped"."""
    known = ((DECISIONS[event], at) for event, at in log if event in DECISIONS)
    lines = (
        f"{_day(texts, language, at.date())}: {texts.say(language, f'my_data.{key}')}"
        for key, at in known
    )
    return "; ".join(lines)


def described(texts: Texts, language: str, record: SavedRecord) -> str:
    """Return a record as one line: "*Bookings* (27 November 2026): 4, Today"."""
    day = _day(texts, language, record.created_at.date())
    values = ", ".join(shown(texts, language, *one) for one in record.fields.items())
    name = f"{_title(record.collection)} ({day})"
    return texts.say(language, "my_data.other", {"name": name, "value": values})


def shown(texts: Texts, language: str, name: str, value: object) -> str:
    """Return a value as its person saw it: the title of an option, a date, yes or no."""
    if isinstance(value, bool):
        return texts.say(language, "my_data.yes" if value else "my_data.no")
    if isinstance(value, list | tuple):
        return ", ".join(shown(texts, language, name, one) for one in value)
    if isinstance(value, Mapping):
        if "media_id" in value:
            return str(value.get("filename") or texts.say(language, "my_data.file"))
        told = ((name, one) for name, one in value.items() if one is not None)
        return ", ".join(shown(texts, language, *one) for one in told)
    title = _option_title(texts, language, name, str(value))
    return title or texts.shown(language, "my_data", value, "date")


def _told(texts: Texts, language: str, user: User) -> Mapping[str, Any]:
    document = (shown(texts, language, "id_type", user.id_type), user.id_number)
    own = LANGUAGES.get(user.language or "")
    return {
        "language": own and own.name,
        "full_name": user.full_name,
        "document": user.id_number and " ".join(map(str, document)),
        "birth_date": user.birth_date,
        "about": user.about,
        "registered": user.registered_at and user.registered_at.date(),
        "consent": user.consent_at and user.consent_at.date(),
        "offers": user.marketing_at and user.marketing_at.date(),
        "opted_out": user.opted_out_at and user.opted_out_at.date(),
        "referral": (user.referral or {}).get("headline"),
    }


def _lines(texts: Texts, language: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value:
            words = _day(texts, language, value) if isinstance(value, date) else str(value)
            yield texts.say(language, f"my_data.{name}", {"value": words})


def _other(texts: Texts, language: str, name: str, value: object) -> str:
    """Return an answer to a question of a fork."""
    given = {"name": _label(texts, language, name), "value": shown(texts, language, name, value)}
    return texts.say(language, "my_data.other", given)


def _label(texts: Texts, language: str, name: str) -> str:
    title = texts.find(language, f"edit_profile.field.options.{name}.title")
    return title if isinstance(title, str) else _title(name)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _day(texts: Texts, language: str, day: date) -> str:
    return texts.shown(language, "my_data", day.isoformat(), "date")


def _option_title(texts: Texts, language: str, name: str, value: str) -> str | None:
    """Return the title of an option of this name, of whichever flow asked."""
    for flow in texts.of(language):
        title = texts.find(language, f"{flow}.{name}.options.{value}.title")
        if isinstance(title, str):
            return title
    return None
