"""The people that the bot serves, and their roles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.phone import canonical, digits_of
from domain.user import User

#: Role of people without another one.
DEFAULT_ROLE = "default"


@dataclass(frozen=True, slots=True)
class AllowedUser:
    """A person named in the settings."""

    #: Phone number with country code, in any way of writing.
    phone: str
    role: str = DEFAULT_ROLE
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}".strip()


def role_of(person: User) -> str:
    """Return the role of a person, for flows and menus."""
    return person.role or DEFAULT_ROLE


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Phone numbers and people that may write to the bot; an empty list admits everyone."""

    allowed: frozenset[str] = frozenset()
    listed: Mapping[str, AllowedUser] = field(default_factory=dict)

    @classmethod
    def of(cls, allowed: Iterable[str], listed: Iterable[AllowedUser]) -> "Allowlist":
        """Build the list from phone numbers, and from people with roles."""
        return cls(
            frozenset(map(canonical, allowed)),
            {canonical(digits_of(user.phone)): user for user in listed},
        )

    def admits(self, person: User) -> bool:
        """Return whether the bot serves a person."""
        number = canonical(person.wa_id or "")
        is_open = not self.allowed and not self.listed
        return is_open or number in self.allowed or number in self.listed

    def with_role(self, person: User) -> User:
        """Return the person with the role and the name of the settings, if they have one there."""
        found = self.listed.get(canonical(person.wa_id or ""))
        if found is None:
            return person
        role = found.role if found.role != DEFAULT_ROLE else person.role
        return replace(person, role=role, profile_name=found.name or person.profile_name)
