"""Settings of notifications."""

from typing import ClassVar

from pydantic import Field, NonNegativeInt, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from utils.setting_types import Key, SettingsModel, invalid

#: Shortest key, in characters: 16 random bytes in hexadecimal digits.
MIN_KEY_CHARS = 32


class NotificationSettings(SettingsModel):
    """How other systems send notifications."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Notifications: other systems send messages by HTTP"
    )

    enable_whatsapp_notifications: bool = Field(
        True, description="false turns /api/v1/notifications off, whatever keys there are."
    )
    notifications_api_key: Key | None = Field(
        None,
        description="Key for /api/v1/notifications; others: `watch.py notifications keys create`.",
    )
    notifications_country: str | None = Field(
        None, description="Country of phone numbers without country code: two letters such as ES."
    )
    notifications_per_day: NonNegativeInt = Field(
        0, description="Most notifications that are accepted within 24 hours; 0: no limit."
    )

    notifications_requests_per_minute: NonNegativeInt = Field(
        600, description="Most requests a minute with one key, in each process; 0: no limit."
    )

    @field_validator("notifications_api_key")
    @classmethod
    def _is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < MIN_KEY_CHARS:
            raise invalid(
                "expected 32 random characters or more, such as `openssl rand -hex 32` makes"
            )
        return key

    @field_validator("notifications_country")
    @classmethod
    def _is_country(cls, code: str | None) -> str | None:
        from phonenumbers import SUPPORTED_REGIONS  # costs time, and most need it for nothing

        if code is None:
            return None
        if code.upper() not in SUPPORTED_REGIONS:
            raise invalid("expected the two letters of a country, such as ES or MX")
        return code.upper()


SETTINGS = NotificationSettings
