"""Settings of voice calls."""

import re
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel, invalid


def _ice_servers(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = tuple(filter(None, map(str.strip, value.split(","))))
    if not all(re.fullmatch(r"(stun|turns?):\S+", one) for one in found):
        raise invalid("expected addresses such as stun:stun.example.org:3478, with commas between")
    return found


class CallSettings(SettingsModel):
    """Whether calls are answered, how many, and for how long."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Voice calls on WhatsApp (docs/calls.md)"
    )

    calls_enabled: bool = Field(
        False,
        description="true answers voice calls, with the extra calls; else callers get a message.",
    )
    max_concurrent_calls: int = Field(
        10, ge=1, le=1000, description="Most calls at the same time; others are busy."
    )
    max_call_seconds: int = Field(
        600, ge=30, le=14_400, description="Longest call, in seconds; then the bot says goodbye."
    )
    calls_per_person_per_hour: int = Field(
        6, ge=1, le=1000, description="Most calls of one person that are answered in an hour."
    )
    call_connect_seconds: int = Field(
        8, ge=2, le=30, description="Seconds until the audio of a call must be connected."
    )
    call_ice_servers: Annotated[tuple[str, ...], BeforeValidator(_ice_servers)] = Field(
        (), description="STUN servers, with commas between; Meta's calls need none."
    )
    call_drain_seconds: int = Field(
        0,
        ge=0,
        le=600,
        description="Seconds for which calls may go on while the bot stops; then they end.",
    )

    call_message_seconds: int = Field(
        60,
        ge=0,
        le=300,
        description="Longest message that callers may leave for the team, in seconds; 0: none.",
    )

    @property
    def ice_servers(self) -> tuple[str, ...]:
        """Addresses of STUN and TURN servers."""
        return self.call_ice_servers

    @property
    def connect_within(self) -> timedelta:
        """Time until the audio of a call must be connected."""
        return timedelta(seconds=self.call_connect_seconds)

    @property
    def longest(self) -> timedelta:
        """Longest call."""
        return timedelta(seconds=self.max_call_seconds)


SETTINGS = CallSettings
