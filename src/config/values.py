"""Types of values that only the core's settings have; each says what it expects."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, TypeAdapter

from domain.allowlist import AllowedUser
from domain.phone import canonical, digits_of
from schemas.cloud_api_schema import TemplateMessage
from utils.regular_files import Unreadable, read_regular
from utils.setting_types import Url, invalid

#: Meta's IDs have 15 digits or more; a phone number has 7 to 14 in practice.
_PHONE_NUMBER = re.compile(r"(?:[0-9][\s().-]*){7,14}")
#: What people write in a phone number, and what copying one may add.
_ONLY_NUMBER = re.compile(r"[\s0-9+().\-/\u00a0\u202a-\u202c]+")
#: A number in a notation that an ID never has.
_PUNCTUATED_NUMBER = re.compile(r"(?:\+|00|\()[0-9\s().-]+|[0-9]+(?:[\s().-]+[0-9]*)+")


def _api_version(value: str) -> str:
    if not re.fullmatch(r"v\d+\.\d+", value):
        raise invalid("expected a version such as v25.0")
    return value


def _local_url(value: str) -> str:
    """Refuse every other machine: what people write is sent to this URL."""
    if urlsplit(value).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise invalid(
            "expected a URL of this machine, such as http://127.0.0.1:5001/emulator/steps"
        )
    return value


def _currency(code: str) -> str:
    is_code = re.fullmatch(r"[A-Z]{3}", code) is not None
    if code != "USD" and is_code:
        from babel.numbers import is_currency  # costs time, and most installations name none

        is_code = is_currency(code)
    if not is_code:
        raise invalid("expected the three letters of a currency, such as EUR or COP")
    return code


def _database_url(value: str) -> str:
    """Name the driver: hosting providers write postgres:// or postgresql://."""
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise invalid("expected sqlite:///file.db or postgresql://user:password@host/name")
    return value


def _phone_number_id(value: str) -> str:
    expected = (
        "expected the phone number ID (15 digits or more), which Meta shows below the number, "
        "under WhatsApp > API Setup"
    )
    if _PHONE_NUMBER.fullmatch(value) or _PUNCTUATED_NUMBER.fullmatch(value):
        raise invalid(f"this looks like a phone number; {expected}")
    if not value.isascii() or not value.isdecimal():
        raise invalid(f"this is not a number; {expected}")
    return value


def _phone_numbers(value: object) -> object:
    if not isinstance(value, str):
        return value
    return frozenset(map(_phone_number, filter(str.strip, value.split(","))))


def _phone_number(written: str) -> str:
    """Return the digits of a number as WhatsApp may write it, however a person wrote it."""
    import phonenumbers  # costs time, and most installations list no numbers

    try:
        number = phonenumbers.parse(f"+{canonical(digits_of(written))}")
        is_possible = _ONLY_NUMBER.fullmatch(written) and phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        is_possible = False
    if not is_possible:
        raise invalid(
            "expected phone numbers with country code, separated by commas, such as "
            "+573001234567, +44 7700 900123; one of these can be nobody's"
        )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164.removeprefix("+")


def _upper_case(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def file_of_people(value: str) -> Path | None:
    """Return the file that USERS names; None where it has the users itself, or names none."""
    return Path(value) if value and not value.lstrip().startswith("[") else None


def _people(value: object) -> object:
    """Read JSON, or the file that the value names."""
    if not isinstance(value, str):
        return value
    expected = (
        'expected a JSON list such as [{"phone": "+573001234567", "role": "staff"}], '
        "or a file that has one"
    )
    try:
        file = file_of_people(value)
        text = value if file is None else read_regular(file)
        users = TypeAdapter(tuple[AllowedUser, ...]).validate_json(text)
    except Unreadable as error:
        raise invalid(f"{expected}; the file cannot be read: {error}") from None
    except ValueError:
        raise invalid(expected) from None
    for position, user in enumerate(users, 1):
        if not _has_country_code(user.phone):
            raise invalid(
                "expected a phone number of each of the users with + and country code, such as "
                f"+573001234567 (user {position} in the list)"
            )
    return users


def _has_country_code(phone: str) -> bool:
    """True if the number can be called from abroad; without a +, it must be in use as well."""
    import phonenumbers  # most installations list no users

    digits = canonical(digits_of(phone))
    if not digits or not phone.strip().startswith("+"):
        return _is_valid(re.sub(r"[^0-9]", "", phone))
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    result = phonenumbers.is_possible_number_with_reason(number)
    return bool(result == phonenumbers.ValidationResult.IS_POSSIBLE)


def _is_valid(digits: str) -> bool:
    """True if the digits are a number that some country has given out, country code included."""
    import phonenumbers  # costs time, and few values need it

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False


def _window_template(value: object) -> object:
    """Read name:language; the template may have no variables, since nothing fills them in."""
    if not isinstance(value, str):
        return value
    name, _, language = value.partition(":")
    try:
        return TemplateMessage(name=name.strip(), language=language.strip())
    except ValueError:
        raise invalid(
            "expected the name and the language of a template without variables, such as "
            "hello_world:en_US"
        ) from None


ApiVersion = Annotated[str, AfterValidator(_api_version)]
CurrencyCode = Annotated[str, BeforeValidator(_upper_case), AfterValidator(_currency)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
LocalUrl = Annotated[Url, AfterValidator(_local_url)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper_case)]
People = Annotated[tuple[AllowedUser, ...], BeforeValidator(_people)]
PhoneNumberId = Annotated[str, AfterValidator(_phone_number_id)]
PhoneNumbers = Annotated[frozenset[str], BeforeValidator(_phone_numbers)]
WindowTemplate = Annotated[TemplateMessage, BeforeValidator(_window_template)]
