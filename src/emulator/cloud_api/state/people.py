"""People who write to the business, and their conversations."""

import asyncio
import hashlib
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import phonenumbers

#: Entries kept of one conversation, and people kept in all.
MAX_CONVERSATION_ENTRIES = 500
MAX_PEOPLE = 20_000
#: The same of what is kept in a file: of the newest.
MAX_FILED_ENTRIES = 200
MAX_FILED_PEOPLE = 500
#: Contacts at the start: wa_id, name, and whether they hide the number.
DEMO_CONTACTS = (
    ("15551234567", "Ana", False),
    ("573009876543", "Lucía", False),
    ("15557654321", "Kim", True),
)
_NO_DIGIT = re.compile(r"[^0-9]")
#: WhatsApp writes Mexican mobiles with a 1 that is no longer dialled: +52 1 55 1234 5678.
_MEXICAN_MOBILE = re.compile(r"\A521([0-9]{10})\Z")


def user_id_of(wa_id: str) -> str:
    """A business-scoped user id that is always the same for a number: "CO.1349..."."""
    try:
        number = phonenumbers.parse(f"+{wa_id}")
        country = phonenumbers.region_code_for_country_code(number.country_code or 0)
    except phonenumbers.NumberParseException:
        country = "ZZ"
    digits = int.from_bytes(hashlib.sha256(wa_id.encode()).digest()[:8]) % 10**18
    return f"{country if country.isalpha() else 'ZZ'}.{digits:018}"


@dataclass(slots=True)
class Person:
    """One person and their conversation. Entries are numbered from 1."""

    NOT_KEPT: ClassVar = frozenset({"listener", "changed"})
    MOST_KEPT: ClassVar = {"entries": MAX_FILED_ENTRIES}

    wa_id: str
    user_id: str
    name: str = "Someone"
    #: whether they have a username and hide their number
    hides_phone: bool = False
    entries: deque[dict[str, Any]] = field(
        default_factory=lambda: deque(maxlen=MAX_CONVERSATION_ENTRIES)
    )
    count: int = 0
    #: whether the business has blocked them
    is_blocked: bool = False
    is_on_whatsapp: bool = True
    #: whether a story plays them; listed last
    is_in_story: bool = False
    #: whether Meta's agent holds the conversation
    is_with_agent: bool = False
    #: whether they accept marketing messages
    wants_offers: bool = True
    #: end of the permission to call them, in seconds since 1970; infinity is permanent
    may_be_called_until: float = 0.0
    #: time of their last message, in seconds since 1970: opens the 24-hour window
    wrote_at: float | None = None
    #: the same of further numbers of the business, by their id
    wrote_to: dict[str, float] = field(default_factory=dict)
    #: called with each new entry
    listener: Callable[["Person", dict[str, Any]], None] = lambda _person, _entry: None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def username(self) -> str | None:
        """Who hides the number is known by a username."""
        letters = re.sub(r"[^a-z0-9]", "", self.name.lower())
        return f"{letters or 'someone'}_here" if self.hides_phone else None

    def introduce(self, name: object, *, hides_phone: object) -> None:
        """Who they say they are; None leaves it as it was."""
        self.name = str(name or self.name)
        self.hides_phone = self.hides_phone if hides_phone is None else bool(hides_phone)

    def add(self, entry: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        numbered = {"number": self.count, **entry}
        self.entries.append(numbered)
        self.changed.set()
        self.changed = asyncio.Event()
        self.listener(self, numbered)
        return numbered

    def since(self, number: int) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["number"] > number]


class People:
    """Everybody who ever wrote or was written to, the most recent first to stay."""

    NOT_KEPT: ClassVar = frozenset({"_listener", "_wa_ids"})
    MOST_KEPT: ClassVar = {"_by_wa_id": MAX_FILED_PEOPLE}

    def __init__(self, listener: Callable[[Person, dict[str, Any]], None]) -> None:
        self._listener = listener
        self._by_wa_id: OrderedDict[str, Person] = OrderedDict()
        self._wa_ids: dict[str, str] = {}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_wa_id.values())

    def resume(self) -> None:
        """Listen to people whose state was read from a file."""
        for person in self:
            person.listener = self._listener
        self._wa_ids = {person.user_id: person.wa_id for person in self}

    def start_afresh(self, person: Person) -> Person:
        """Put somebody in a person's place who has the name, the number and nothing else."""
        made = Person(
            person.wa_id,
            person.user_id,
            person.name,
            person.hides_phone,
            count=person.count,  # so that no page takes new entries for known ones
            is_on_whatsapp=person.is_on_whatsapp,
            is_in_story=person.is_in_story,
            listener=self._listener,
        )
        self._by_wa_id[person.wa_id] = made
        person.changed.set()
        return made

    def clear(self) -> None:
        """Know nobody."""
        self._by_wa_id.clear()
        self._wa_ids.clear()

    def get(self, wa_id: str) -> Person:
        person = self._by_wa_id.get(wa_id)
        if person is None:
            person = Person(wa_id, user_id_of(wa_id), listener=self._listener)
            person.is_on_whatsapp = _is_possible(wa_id)
            self._by_wa_id[wa_id] = person
            self._wa_ids[person.user_id] = wa_id
            while len(self._by_wa_id) > MAX_PEOPLE:
                _, gone = self._by_wa_id.popitem(last=False)
                self._wa_ids.pop(gone.user_id, None)
        self._by_wa_id.move_to_end(wa_id)
        return person

    def add_demo_contacts(self) -> None:
        """The first of them as the most recent."""
        for wa_id, name, hides_phone in reversed(DEMO_CONTACTS):
            self.get(wa_id).introduce(name, hides_phone=hides_phone)

    def wake(self) -> None:
        """Let nobody wait for the next entry any longer."""
        for person in self._by_wa_id.values():
            person.changed.set()

    def recent(self, count: int) -> list[Person]:
        """Those who were heard of last, the newest first; people of stories stand behind."""
        newest = reversed(self._by_wa_id.values())
        return sorted(newest, key=lambda person: person.is_in_story)[:count]

    def find(self, *, to: str | None, recipient: str | None) -> Person | None:
        """Who a message goes to: a phone number, else a user id that we have met."""
        if digits := digits_of(to):
            return self.get(digits)
        return self.known(to, recipient)

    def known(self, to: object, recipient: object) -> Person | None:
        """The same, of those we have met."""
        wa_id = digits_of(to) if to else self._wa_ids.get(str(recipient))
        return self._by_wa_id.get(wa_id or "")


def _is_possible(wa_id: str) -> bool:
    """Whether a number of this length can exist in its country."""
    dialled = _MEXICAN_MOBILE.sub(r"52\1", wa_id)
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{dialled}"))
    except phonenumbers.NumberParseException:
        return False


def digits_of(number: object) -> str:
    """Of a number as people write it."""
    return _NO_DIGIT.sub("", str(number or ""))


def wa_id_of(number: object) -> str:
    """The same of somebody who writes; ValueError where it can be nobody's."""
    digits = digits_of(number)
    if not 5 <= len(digits) <= 20:
        raise ValueError("a phone number has 5 to 20 digits")
    return digits
