"""What can be set from outside.

A field is an environment variable in lower case; its description is its line in .env-example.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.api_versions import api_version_warning
from config.values import (
    ApiVersion,
    DatabaseUrl,
    Language,
    LocalUrl,
    LogLevel,
    OptionalModel,
    People,
    PhoneNumbers,
    Port,
    Url,
    ZoneName,
)


class Settings(BaseSettings):
    """Made by `load_settings`, which knows every name a setting goes by and tells all problems."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=True)

    wp_access_token: SecretStr = Field(
        description="Access token of the app: Meta for Developers > WhatsApp > API Setup.",
        examples=["your_access_token"],
    )
    wp_phone_id: str = Field(
        description="Phone number ID, not the number itself: on the same page as the token.",
        examples=["your_phone_number_id"],
    )
    webhook_verify_token: SecretStr = Field(
        description="Any words of your own; Meta asks for them when it checks the callback URL.",
        examples=["your_verify_token"],
    )
    allow_unsigned_webhooks: bool = Field(
        False, description="true accepts webhooks from anybody: only for experiments."
    )
    whatsapp_app_secret: SecretStr | None = Field(
        None,
        description="Signs the webhooks: Meta for Developers > App settings > Basic.",
        examples=["your_app_secret"],
    )
    wp_bid: str | None = Field(None, description="WhatsApp Business Account ID.")
    api_version: ApiVersion = Field("v25.0", description="Version of Meta's Graph API.")
    graph_api_url: Url = Field(
        "https://graph.facebook.com", description="Where the Graph API answers."
    )
    phone_allowlist: PhoneNumbers = Field(
        frozenset(),
        description="Answer only these numbers, separated by commas; empty answers everybody.",
    )
    users: People = Field(
        (),
        description="People with roles, served along with these: a JSON list, or a file of one.",
    )
    messages_per_second: PositiveInt = Field(
        80, description="The most messages a second that Meta lets this number send."
    )

    environment: Literal["production", "development"] = Field(
        "production", description="development also starts with the placeholders of this file."
    )
    host: str = Field("0.0.0.0", description="Address to listen on.")
    port: Port = Field(5000, description="Port to listen on.")
    database_url: DatabaseUrl = Field(
        "sqlite:///bot.db",
        description="An SQLite file, or postgresql://user:password@host/name.",
        repr=False,  # may hold a password
    )
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL", description="FULL survives power loss; NORMAL is faster, survives only a crash."
    )
    role: Literal["all", "web", "worker"] = Field(
        "all", description="What this process does: all, web (only stores) or worker."
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: one object per line, for a log collector."
    )
    metrics_port: Port | None = Field(
        None, description="Where a worker alone answers Prometheus; a web does at /metrics."
    )
    sentry_dsn: SecretStr | None = Field(
        None, description="Tell Sentry of errors, without what people wrote (pip: sentry-sdk)."
    )
    steps_url: LocalUrl | None = Field(
        None,
        description="Tell this address of this machine what each message changed (watch.py does).",
    )
    lease_seconds: int = Field(
        15,
        ge=2,
        le=300,
        description="After so long the others take over the work of a dead worker.",
    )
    retention_days: int = Field(
        8, ge=8, description="Days to keep finished work; Meta redelivers for 7."
    )

    default_language: Language = Field(
        "en", description="For people whose number and choice tell none: en or es."
    )
    timezone: ZoneName = Field(
        "UTC", description="Where opening hours are meant: Europe/Madrid, America/Bogota ..."
    )
    reminder_seconds: PositiveInt = Field(
        60, description="Silence in a form until the bot asks whether the person is there."
    )
    flow_timeout_seconds: PositiveInt = Field(
        120, description="Silence in a form until the bot cancels it."
    )

    openai_api_key: SecretStr | None = Field(
        None, description="Switches the assistant on; any server that speaks OpenAI's API."
    )
    openai_base_url: Url = Field(
        "https://api.openai.com/v1", description="Where that server answers."
    )
    openai_model: str = Field("gpt-5.6-luna", description="The model that answers free text.")
    openai_transcription_model: OptionalModel = Field(
        "gpt-transcribe", description="Understands voice notes; none: they are not listened to."
    )
    openai_vision: bool = Field(
        True, description="Whether that model looks at pictures, and reads documents."
    )
    openai_moderation_model: str | None = Field(
        None, description="Checks what people ask, such as omni-moderation-latest; empty: nothing."
    )
    openai_speech_model: str | None = Field(
        None,
        description="Answers voice notes by voice, such as gpt-4o-mini-tts; empty: in writing.",
    )
    openai_voice: str = Field("marin", description="The voice that it speaks with.")
    openai_answer_tokens: NonNegativeInt = Field(
        8000, description="The longest answer, thinking included; 0: no limit, and none is sent."
    )
    openai_history_tokens: PositiveInt = Field(
        2000, description="What the model sees of a talk, about; what was before is summarised."
    )
    openai_history_hours: PositiveInt = Field(
        24, description="After so long without a word a talk begins anew."
    )
    openai_daily_tokens_per_person: NonNegativeInt = Field(
        50_000, description="What one person may cost a day (UTC); 0: no limit."
    )
    openai_daily_tokens: NonNegativeInt = Field(
        2_000_000, description="What all together may cost a day (UTC); 0: no limit."
    )
    quote_transcripts: bool = Field(
        True, description="Whether people are shown what was understood of their voice notes."
    )
    airtable_api_key: SecretStr | None = Field(
        None, description="Personal access token of Airtable; switches the mirror on."
    )
    airtable_base_id: str | None = Field(None, description="The Airtable base, app...")
    airtable_api_url: Url = Field("https://api.airtable.com", description="Where Airtable answers.")
    airtable_monthly_calls: NonNegativeInt = Field(
        100_000,
        description="What the workspace's plan allows: 1000 (Free), 100000 (Team), 0 (no limit).",
    )
    airtable_poll_seconds: PositiveInt = Field(
        30, description="How often Airtable is asked what operators changed."
    )
    airtable_webhook_url: Url | None = Field(
        None,
        description="Public address of /airtable/webhook: Airtable then tells of changes at once.",
    )
    airtable_create_tables: bool = Field(
        False, description="true makes missing tables at the start; else `watch.py airtable init`."
    )
    airtable_messages_days: NonNegativeInt = Field(
        0, description="Days for which operators can read all messages in Airtable; 0: none."
    )
    operators_chat_url: Url | None = Field(
        None,
        description="Incoming webhook of your team's chat (Slack ...): told who asks for a person.",
        repr=False,  # who knows it can write there
    )
    human_idle_hours: PositiveInt = Field(
        8, description="So long after an operator's last act the bot answers again."
    )

    #: names that were used and will go; not itself an environment variable
    deprecated_names: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is given: two readers of one environment could disagree."""
        return (init_settings,)

    @property
    def reminder_after(self) -> timedelta:
        return timedelta(seconds=self.reminder_seconds)

    @property
    def cancel_after(self) -> timedelta:
        return timedelta(seconds=self.flow_timeout_seconds)

    @property
    def human_idle(self) -> timedelta | None:
        """None: no operators can be reached."""
        return timedelta(hours=self.human_idle_hours) if self.has_airtable else None

    @property
    def has_airtable(self) -> bool:
        return self.airtable_api_key is not None

    @property
    def shows_messages(self) -> bool:
        return self.has_airtable and self.airtable_messages_days > 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    def warnings(self, *, today: date) -> Iterator[str]:
        """What works for now, yet should be changed."""
        for name in self.deprecated_names:
            yield f"{name} is deprecated: rename it to WP_ACCESS_TOKEN."
        if self.whatsapp_app_secret is None:
            yield "Webhooks are not checked for Meta's signature: set WHATSAPP_APP_SECRET."
        if about_version := api_version_warning(self.api_version, today=today):
            yield about_version

    @field_validator("whatsapp_app_secret")
    @classmethod
    def _needed_to_check_signatures(
        cls, secret: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if secret is None and info.data.get("allow_unsigned_webhooks") is False:
            raise PydanticCustomError("missing", "missing")
        return secret

    @field_validator("airtable_base_id")
    @classmethod
    def _goes_with_its_token(cls, base_id: str | None, info: ValidationInfo) -> str | None:
        if base_id is None and info.data.get("airtable_api_key") is not None:
            raise PydanticCustomError(
                "setting", "AIRTABLE_API_KEY is set, so this is needed too: the base, app..."
            )
        return base_id

    @field_validator("role")
    @classmethod
    def _sqlite_has_one_process(cls, role: str, info: ValidationInfo) -> str:
        if role != "all" and info.data.get("database_url", "").startswith("sqlite:"):
            raise PydanticCustomError(
                "setting", "web and worker processes share a PostgreSQL: set DATABASE_URL"
            )
        return role

    @field_validator("flow_timeout_seconds")
    @classmethod
    def _reminds_before_it_cancels(cls, seconds: int, info: ValidationInfo) -> int:
        if seconds <= info.data.get("reminder_seconds", 0):
            raise PydanticCustomError("setting", "must be more than REMINDER_SECONDS")
        return seconds


ENVIRONMENT_NAMES = tuple(
    field.upper() for field in Settings.model_fields if field != "deprecated_names"
)
