"""Settings of more numbers and businesses."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from features.tenants.vault import read_key
from utils.setting_types import SettingsModel, invalid


def _keys(value: object) -> object:
    if not isinstance(value, str):
        return value
    keys = [one.strip() for one in value.split(",") if one.strip()]
    for position, key in enumerate(keys, 1):
        try:
            read_key(key)
        except ValueError:
            raise invalid(
                "expected keys of 32 bytes in Base64, separated by commas, as `python3 watch.py "
                f"secrets new-key` prints them (number {position} is none)"
            ) from None
    return tuple(map(SecretStr, keys))


class TenantSettings(SettingsModel):
    """How the secrets of more numbers and businesses are kept."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Tenants: more numbers and businesses in one process"
    )

    secrets_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_keys)] = Field(
        (),
        description="Keys that encrypt stored tokens, newest first, separated by commas: "
        "`watch.py secrets new-key` prints one.",
    )


SETTINGS = TenantSettings
