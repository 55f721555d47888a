"""How the value of a setting may look; each type says what is expected when it does not."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from domain.allowlist import AllowedUser
from domain.phone import canonical

Port = Annotated[int, Field(ge=1, le=65535)]


def _wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{expected}", {"expected": expected})


def _api_version(value: str) -> str:
    if not re.fullmatch(r"v\d+\.\d+", value):
        raise _wrong("expected a version such as v25.0")
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        raise _wrong("expected a URL that starts with https:// or http://")
    return value.rstrip("/")


def _local_url(value: str) -> str:
    """What people write goes there: nowhere else than to this machine."""
    if urlsplit(value).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise _wrong("expected a URL of this machine, such as http://127.0.0.1:5001/emulator/steps")
    return _url(value)


def _database_url(value: str) -> str:
    """Hosting providers write postgres:// or postgresql://; SQLAlchemy wants its driver named."""
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise _wrong("expected sqlite:///file.db or postgresql://user:password@host/name")
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise _wrong("expected two letters such as en or es")
    return value


def _phone_numbers(value: object) -> object:
    if not isinstance(value, str):
        return value
    numbers = [re.sub(r"[\s+().-]", "", number) for number in value.split(",")]
    if not all(re.fullmatch(r"[0-9]*", number) for number in numbers):
        raise _wrong("expected phone numbers with country code, separated by commas")
    return frozenset(filter(None, numbers))


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong("expected a time zone such as Europe/Madrid or UTC") from None
    return value


def _unless_none(value: str) -> str:
    """An empty value is the default, so the wish for none is a word."""
    return "" if value.lower() == "none" else value


def _upper_case(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


ZoneName = Annotated[str, AfterValidator(_zone_name)]
OptionalModel = Annotated[str, AfterValidator(_unless_none)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper_case)]
ApiVersion = Annotated[str, AfterValidator(_api_version)]
LocalUrl = Annotated[str, AfterValidator(_local_url)]
Url = Annotated[str, AfterValidator(_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Language = Annotated[str, AfterValidator(_language)]


def _people(value: object) -> object:
    """JSON, or the path of a file of it."""
    if not isinstance(value, str):
        return value
    try:
        text = value if value.lstrip().startswith("[") else Path(value).read_text("utf-8")
        listed = TypeAdapter(tuple[AllowedUser, ...]).validate_json(text)
    except (OSError, ValueError):
        raise _wrong(
            'expected a JSON list such as [{"phone": "+573001234567", "role": "staff"}], '
            "or a file that has one"
        ) from None
    if not all(canonical(one.phone) for one in listed):
        raise _wrong("expected a phone number of each of the users")
    return listed


People = Annotated[tuple[AllowedUser, ...], BeforeValidator(_people)]
PhoneNumbers = Annotated[frozenset[str], BeforeValidator(_phone_numbers)]
