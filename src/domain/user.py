"""A person the bot knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Self

_EMPTY_PROFILE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class User:
    """One person: their identifiers at WhatsApp, and the answers that they gave."""

    #: the bot's own; the first identifier of this person that the bot met, never changed later
    key: str
    user_id: str | None = None
    wa_id: str | None = None
    profile_name: str | None = None
    #: the person's own choice ("en", "es"); None until they choose
    language: str | None = None
    full_name: str | None = None
    id_type: str | None = None
    id_number: str | None = None
    birth_date: date | None = None
    about: str | None = None
    consent_at: datetime | None = None
    #: version of the privacy text that the person agreed to
    consent_version: str | None = None
    registered_at: datetime | None = None
    #: time of the consent to offers
    marketing_at: datetime | None = None
    opted_out_at: datetime | None = None
    #: time of the first message to this person, which said that a bot answers
    introduced_at: datetime | None = None
    #: the operators' name for the rights of this person; None is "default"
    role: str | None = None
    #: a `ConversationStatus`: the bot or a human answers this person; None is the bot
    status: str | None = None
    #: end of the bot's pause
    bot_paused_until: datetime | None = None
    #: since when somebody else than the bot holds the conversation, and who: `domain.holder`
    held_since: datetime | None = None
    held_by: str | None = None
    #: Meta's time and id of the person's last message: `domain.window`
    last_inbound_at: datetime | None = None
    last_inbound_id: str | None = None
    #: time at which the person stopped offers
    offers_stopped_at: datetime | None = None
    #: the ad or post that first led the person here, as Meta describes it
    referral: Mapping[str, Any] | None = field(default=None, hash=False)
    #: answers to questions of a fork that have no field above: JSON values by name, read-only
    profile: Mapping[str, Any] = field(default_factory=lambda: _EMPTY_PROFILE, hash=False)

    def __post_init__(self) -> None:
        if self.profile is not _EMPTY_PROFILE:
            object.__setattr__(self, "profile", MappingProxyType(dict(self.profile or {})))

    @property
    def is_registered(self) -> bool:
        return self.registered_at is not None

    @property
    def is_stranger(self) -> bool:
        """Return whether this person has not been told yet that a bot answers."""
        return self.introduced_at is None

    @property
    def phone(self) -> str | None:
        """Return the phone number, with its "+"; None for people who hide it."""
        return f"+{self.wa_id}" if self.wa_id else None

    @property
    def first_name(self) -> str:
        """Return the first word of the person's name; empty without a name."""
        return next(iter((self.full_name or self.profile_name or "").split()), "")

    def answer(self, name: str) -> Any:
        """Return what the person answered, as a JSON value; None if that is not known."""
        value = getattr(self, name) if name in USER_FIELDS else self.profile.get(name)
        return _as_json(value)

    def with_changes(self, values: Mapping[str, Any]) -> Self:
        """Return this person with other values; names that are no fields change the profile.

        A profile value of None removes its name; `{"profile": None}` empties the profile.
        """
        known, free = split_changes(values)
        profile = dict(known.pop("profile", self.profile) or {}) | free
        left = {name: value for name, value in profile.items() if value is not None}
        return replace(self, **known, profile=left)


USER_FIELDS = frozenset(each.name for each in fields(User))


def split_changes(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (changes of the fields of `User`, changes of names inside the profile).

    Dates inside the profile become ISO texts. A name that is no identifier is a ValueError.
    """
    known = {name: value for name, value in values.items() if name in USER_FIELDS}
    if len(known) == len(values):
        return known, {}
    free = {name: _as_json(value) for name, value in values.items() if name not in known}
    for name in free:
        if not name.isidentifier():
            raise ValueError(f"A profile field needs a name like email or city, not {name!r}.")
    return known, free


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
