"""Whom the bot serves, and who may do what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.phone import canonical, canonicals
from domain.user import User

DEFAULT_ROLE = "default"


@dataclass(frozen=True, slots=True)
class AllowedUser:
    """A person who is known beforehand."""

    #: with country code; how it is written does not matter
    phone: str
    role: str = DEFAULT_ROLE
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def role_of(person: User) -> str:
    """What flows and menus ask for."""
    return person.role or DEFAULT_ROLE


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Without any numbers, everybody is served."""

    allowed: frozenset[str] = frozenset()
    listed: Mapping[str, AllowedUser] = field(default_factory=dict)

    @classmethod
    def of(cls, allowed: Iterable[str], listed: Iterable[AllowedUser]) -> "Allowlist":
        """Numbers, and people with their roles."""
        return cls(canonicals(allowed), {canonical(one.phone): one for one in listed})

    def admits(self, person: User) -> bool:
        number = canonical(person.wa_id or "")
        is_open = not self.allowed and not self.listed
        return is_open or number in self.allowed or number in self.listed

    def with_role(self, person: User) -> User:
        """The person with the role, and if they told no name the name, that we know them by."""
        found = self.listed.get(canonical(person.wa_id or ""))
        if found is None:
            return person
        role = found.role if found.role != DEFAULT_ROLE else person.role
        return replace(person, role=role, profile_name=found.name or person.profile_name)
