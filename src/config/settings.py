"""The settings of the core; those of a feature are in its own `settings.py`."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AliasGenerator,
    Field,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from config.api_versions import api_version_warning
from config.database_location import CORE_SECTION, DATABASE_URL
from config.feature_settings import SettingsWithFeatures
from config.names import aliases
from config.values import (
    ApiVersion,
    CurrencyCode,
    DatabaseUrl,
    LocalUrl,
    LogLevel,
    People,
    PhoneNumberId,
    PhoneNumbers,
    WindowTemplate,
)
from utils.setting_types import Key, Language, Port, Url, ZoneName, invalid


class Settings(SettingsWithFeatures):
    """The settings of the core; `of` returns those of a feature."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Core", alias_generator=AliasGenerator(validation_alias=aliases)
    )

    section: ClassVar[str] = CORE_SECTION

    bot_config: Path | None = Field(
        None,
        description="YAML file with settings and checks, which a running bot follows; what it says "
        "counts more than the environment and .env. See docs/configuration.md.",
    )
    wp_access_token: Key = Field(
        description="Access token of the app: Meta for Developers > WhatsApp > API Setup.",
        examples=["your_access_token"],
    )
    wp_phone_id: PhoneNumberId = Field(
        description="Phone number ID (not the phone number), from the same page as the token.",
        examples=["your_phone_number_id"],
    )
    webhook_verify_token: SecretStr = Field(
        description="A password that you choose; enter it in Meta's webhook form as well.",
        examples=["your_verify_token"],
    )
    allow_unsigned_webhooks: bool = Field(
        False, description="true accepts webhooks without Meta's signature: only for experiments."
    )
    whatsapp_app_secret: SecretStr | None = Field(
        None,
        description="App secret, to check that webhooks are from Meta: App settings > Basic.",
        examples=["your_app_secret"],
    )
    wp_bid: str | None = Field(
        None, description="WhatsApp Business Account ID; needed for templates and broadcasts."
    )
    api_version: ApiVersion = Field("v25.0", description="Version of Meta's Graph API.")
    graph_api_url: Url = Field(
        "https://graph.facebook.com", description="Address of the Graph API."
    )
    phone_allowlist: PhoneNumbers = Field(
        frozenset(),
        description="Answer only these phone numbers, separated by commas; empty: everyone.",
    )
    users: People = Field(
        (),
        description="Users with roles, as a JSON list or the name of a JSON file; they are "
        "answered too.",
    )
    messages_per_second: PositiveInt = Field(
        80, description="Meta's limit for this phone number, in messages per second."
    )

    outside_window_template: WindowTemplate | None = Field(
        None,
        description="Template (name:language) for people who wrote more than 24 hours ago; empty: "
        "they get nothing.",
    )
    answer_within_hours: PositiveInt = Field(
        12, description="Hours after which a message is too old to be answered as if it were new."
    )

    environment: Literal["production", "development"] = Field(
        "production", description="production, or development, which ignores placeholders."
    )
    host: str = Field("0.0.0.0", description="Network address to listen on.")
    port: Port = Field(5000, description="Port to listen on.")
    database_url: DatabaseUrl = DATABASE_URL
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL",
        description="FULL loses nothing in a power failure; NORMAL is faster, and may lose some.",
    )
    role: Literal["all", "web", "worker", "calls", "chats"] = Field(
        "all",
        description="What this process does: web stores webhooks, worker handles them, all does "
        "both; calls and chats are workers for voice calls alone, and for all but these.",
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: one object per line, for log collectors."
    )
    log_dir: Path | None = Field(
        None,
        description="Folder for a log file of each day, beside the console; empty: none.",
    )
    metrics_port: Port | None = Field(
        None, description="Port for the Prometheus metrics of a worker; a web has /metrics."
    )
    metrics_token: Key | None = Field(
        None,
        description="Bearer token for metrics and health details; without it, they are for "
        "private addresses only.",
    )
    sentry_dsn: SecretStr | None = Field(
        None, description="Report errors to Sentry, without message texts (needs sentry-sdk)."
    )
    steps_url: LocalUrl | None = Field(
        None, description="Local address that gets a report of each message; set by watch.py."
    )
    lease_seconds: int = Field(
        15,
        ge=2,
        le=300,
        description="Seconds until other workers take over the jobs of a worker that stalls.",
    )
    retention_days: int = Field(
        8, ge=8, description="Days to keep finished jobs; at least 8, as Meta retries for 7."
    )
    dead_letter_days: PositiveInt = Field(
        30, description="Days to keep jobs that failed for good, with what people wrote."
    )

    default_language: Language = Field(
        "en", description="Language for users whose own is unknown, such as en or es."
    )
    currency: CurrencyCode = Field(
        "USD", description="Currency of {amount:money} in texts, such as EUR or COP."
    )
    human_idle_hours: PositiveInt = Field(
        8, description="Hours after an operator's last action until the bot answers again."
    )
    timezone: ZoneName = Field(
        "UTC", description="Time zone of the opening hours, such as Europe/Madrid."
    )
    reminder_seconds: PositiveInt = Field(
        3600, description="Seconds without an answer until the bot sends a reminder in a form."
    )
    flow_timeout_seconds: PositiveInt = Field(
        86400,
        description="Seconds without an answer until a form ends; from 86400 (24 hours) without "
        "a word, since WhatsApp lets a business write for so long only.",
    )

    burst_pause_seconds: float = Field(
        1.2,
        ge=0,
        le=10,
        description="Seconds that free text waits for more of the same thought; 0: not at all.",
    )

    @property
    def burst_pause(self) -> timedelta:
        """Time that free text waits for more of it."""
        return timedelta(seconds=self.burst_pause_seconds)

    @property
    def reminder_after(self) -> timedelta:
        return timedelta(seconds=self.reminder_seconds)

    @property
    def cancel_after(self) -> timedelta:
        return timedelta(seconds=self.flow_timeout_seconds)

    @property
    def human_idle(self) -> timedelta:
        """Time after an operator's last action until the bot answers again."""
        return timedelta(hours=self.human_idle_hours)

    @property
    def answer_within(self) -> timedelta:
        """Age from which a message is not answered as if it were new."""
        return timedelta(hours=self.answer_within_hours)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    @property
    def dead_letter_retention(self) -> timedelta:
        return timedelta(days=self.dead_letter_days)

    def warnings(self, *, today: date) -> Iterator[str]:
        """Yield what works for now, but should be changed."""
        yield from self.remarks
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

    @field_validator("role")
    @classmethod
    def _sqlite_has_one_process(cls, role: str, info: ValidationInfo) -> str:
        if role != "all" and info.data.get("database_url", "").startswith("sqlite:"):
            raise invalid("web and worker processes share a PostgreSQL: set DATABASE_URL")
        return role

    @field_validator("flow_timeout_seconds")
    @classmethod
    def _reminds_before_it_cancels(cls, seconds: int, info: ValidationInfo) -> int:
        if seconds <= info.data.get("reminder_seconds", 0):
            raise invalid("must be more than REMINDER_SECONDS")
        return seconds
