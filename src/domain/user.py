"""A person the bot knows."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class User:
    """One person: who they are at WhatsApp, and what they told us."""

    #: ours; the first identifier we met this person under, and never changed afterwards
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
    #: version of the privacy text that was agreed to
    consent_version: str | None = None
    registered_at: datetime | None = None
    #: agreed to be sent offers
    marketing_at: datetime | None = None
    opted_out_at: datetime | None = None
    #: what operators call their rights; None is "default"
    role: str | None = None
    #: who answers this person (a `domain.contact.Handling`); None is the bot
    status: str | None = None
    #: until then the bot keeps silent
    bot_paused_until: datetime | None = None

    @property
    def is_registered(self) -> bool:
        return self.registered_at is not None

    @property
    def first_name(self) -> str:
        """What to call this person; empty when we know no name."""
        return next(iter((self.full_name or self.profile_name or "").split()), "")
