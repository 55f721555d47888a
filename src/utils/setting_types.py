"""The base class of settings, and the types of their values; each says what it expects.

A feature's `settings.py` needs nothing else of ours.
"""

import re
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AliasChoices, AliasGenerator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class SettingsModel(BaseSettings):
    """Settings of the core or of one feature.

    A field is an environment variable in lower case. Its description is its comment in
    .env-example; the title of the model is the headline there. Calling the class reads no
    environment: `config.env.load_settings` does.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        enable_decoding=False,
        alias_generator=AliasGenerator(validation_alias=str.upper),
    )

    #: Name of these settings in the config file, unless it is that of the feature's folder.
    section: ClassVar[str] = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the arguments alone: the loader brings its own sources."""
        return (init_settings,)

    @classmethod
    def names(cls) -> dict[str, tuple[str, ...]]:
        """Return the environment variables of each field, best name first."""
        return {field: _names(info) for field, info in cls.model_fields.items()}


def _names(info: FieldInfo) -> tuple[str, ...]:
    if isinstance(info.validation_alias, AliasChoices):
        return tuple(str(name) for name in info.validation_alias.choices)
    return (str(info.validation_alias),)


def invalid(expected: str) -> PydanticCustomError:
    """Return the error of a value; `expected` never repeats the value, which may be a secret."""
    return PydanticCustomError("setting", "{expected}", {"expected": expected})


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        raise invalid("expected a URL that starts with https:// or http://")
    return value.rstrip("/")


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise invalid("expected two letters such as en or es")
    return value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid("expected a time zone such as Europe/Madrid or UTC") from None
    return value


def _sendable(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]*", secret.get_secret_value()):
        raise invalid("it has a space or a sign that no key has: copy it once more")
    return secret


#: A secret that is sent as a header of HTTP requests.
Key = Annotated[SecretStr, AfterValidator(_sendable)]
Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Language = Annotated[str, AfterValidator(_language)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
