"""Contacts that operators add by hand: found by their phone number, in any way of writing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers
from sqlalchemy import Connection

from domain.inbound import Sender
from domain.phone import writings
from features.airtable.added_records import NotAdopted
from features.airtable.tables import contact_reader, contact_sync
from features.airtable.tables.contacts import Contact
from services.operator_tables import Cells
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.people.identities import Identities
from storage.tables.users import by_identifier, people

NO_COUNTRY = "write the number with its country code, such as +57 300 1234567."
NOT_THERE = "no number that begins with +{code} looks like this: check its digits."
UNKNOWN_UNTIL_THEN = "Until then the bot does not know this contact."
#: Two ways in which people write the + of a number.
_INTERNATIONAL = re.compile(r"^\s*(?:\+|00)")


class WrongNumber(ValueError):
    """A phone number cannot be read; the words are for operators."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """Makes records that operators added the contacts of people."""

    database: GroupCommit
    #: number of ours by which they are written to until they write
    phone_number_id: str

    async def adopt(self, record_id: str, cells: Cells) -> Contact | None:
        """Return the contact that a record is from now on; None while it has no number.

        Raises NotAdopted for a number that cannot be read, and for a second record of a person.
        """
        if key := cells.get("Key"):
            await self._refuse_copy(str(key), record_id)
        written = str(cells.get("Phone") or "").strip()
        if not written:
            return None
        try:
            key = await self._key_of(written)
        except WrongNumber as error:
            raise NotAdopted(f"Phone: {error} {UNKNOWN_UNTIL_THEN}") from error
        await self._refuse_copy(key, record_id)
        made = contact_sync.adopt(key, phone_number_id=self.phone_number_id, record_id=record_id)
        await self.database.submit(Transaction(lambda c, _: execute_writes(c, [made])))
        return await self._contact(key)

    async def _key_of(self, written: str) -> str:
        """Return the key of the person with this number, as WhatsApp may write it, or a new one."""
        known = await self.database.submit(Transaction(lambda c, _: known_key(c, written)))
        if known is not None:
            return known
        [key] = await Identities(self.database).resolve([Sender(wa_id=wa_id_of(written))])
        return key

    async def _refuse_copy(self, key: str, record_id: str) -> None:
        found = await self._contact(key)
        if found is not None and found.record_id not in (None, record_id):
            name = found.user.full_name or found.user.profile_name or key
            raise NotAdopted(f"This person has another contact, {name}. Delete one that is new.")

    async def _contact(self, key: str) -> Contact | None:
        found = await self.database.submit(
            Transaction(lambda c, _: contact_reader.by_keys(c, [key]))
        )
        return found[0] if found else None


def known_key(connection: Connection, written: str) -> str | None:
    """Return the key of the person who has this number, in any way of writing it; None if nobody.

    A number from which somebody wrote counts, whatever the numbering plan of its country says.
    """
    digits = _digits_of(written)
    names = writings(digits) if digits else ()
    known = people(connection, by_identifier, names)
    return next((known[name].key for name in names if name in known), None)


def wa_id_of(written: str) -> str:
    """Return the digits of a number with its country code.

    Raises WrongNumber if it has none, or if the country has no such numbers.
    """
    try:
        number = phonenumbers.parse(f"+{_digits_of(written)}")
    except phonenumbers.NumberParseException:
        raise WrongNumber(NO_COUNTRY) from None
    if not phonenumbers.is_valid_number(number):
        has_code = _INTERNATIONAL.match(written)
        told = NOT_THERE.format(code=number.country_code) if has_code else NO_COUNTRY
        raise WrongNumber(told)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))[1:]


def _digits_of(written: str) -> str:
    return re.sub(r"[^0-9]", "", _INTERNATIONAL.sub("", written))


def as_told(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a new record as changes of operators: those that are filled in."""
    return {name: value for name, value in cells.items() if value not in (None, "", [])}
