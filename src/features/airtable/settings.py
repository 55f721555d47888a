"""Settings of Airtable."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from utils.setting_types import Key, SettingsModel, Url, invalid


class AirtableAccess(SettingsModel):
    """What commands for Airtable need; `airtable init` runs before there is a base."""

    airtable_api_key: Key | None = Field(
        None, description="Personal access token of Airtable; turns this feature on."
    )
    airtable_base_id: str | None = Field(
        None, description="ID of the Airtable base; it starts with app."
    )
    airtable_api_url: Url = Field(
        "https://api.airtable.com", description="Address of Airtable's API."
    )
    airtable_monthly_calls: NonNegativeInt = Field(
        100_000,
        description="API calls per month in your plan: 1000 (Free), 100000 (Team), 0 (no limit).",
    )
    airtable_messages_days: NonNegativeInt = Field(
        0, description="Days for which operators can read all messages in Airtable; 0: not at all."
    )

    @property
    def is_enabled(self) -> bool:
        """True if there is a token."""
        return self.airtable_api_key is not None

    @property
    def shows_messages(self) -> bool:
        """True if operators can read all messages."""
        return self.is_enabled and self.airtable_messages_days > 0


class AirtableSettings(AirtableAccess):
    """How the bot and the operators' base exchange changes."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Airtable: where operators work"
    )

    airtable_poll_seconds: PositiveInt = Field(
        30, description="Seconds between two requests for what operators changed."
    )
    airtable_webhook_url: Url | None = Field(
        None,
        description="Public address of /airtable/webhook, to get changes at once.",
    )
    airtable_create_tables: bool = Field(
        False,
        description="true creates missing tables at the start; or run `watch.py airtable init`.",
    )

    @field_validator("airtable_base_id")
    @classmethod
    def _goes_with_its_token(cls, base_id: str | None, info: ValidationInfo) -> str | None:
        if base_id is None and info.data.get("airtable_api_key") is not None:
            raise invalid("AIRTABLE_API_KEY is set, so this is needed too: the base, app...")
        return base_id

    @property
    def poll(self) -> timedelta:
        """Time between two requests for what operators changed."""
        return timedelta(seconds=self.airtable_poll_seconds)


SETTINGS = AirtableSettings
