"""Settings of handoff."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel, Url


class HandoffSettings(SettingsModel):
    """How operators hear of users who ask for a person."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Handoff: users can ask for a person"
    )

    operators_chat_url: Url | None = Field(
        None,
        description="Incoming webhook of your team's chat (such as Slack), for handoff alerts.",
        repr=False,  # everyone who knows it can write there
    )
    handoff_nudge_minutes: int = Field(
        10,
        ge=0,
        le=720,
        description="Minutes without an answer until the team is reminded of a user who waits; "
        "0: never.",
    )
    handoff_apology_minutes: int = Field(
        20,
        ge=0,
        le=720,
        description="Minutes without an answer until the bot apologizes to the user, once; 0: "
        "never.",
    )

    @property
    def nudge_after(self) -> timedelta:
        """Time until the team is reminded; zero: never."""
        return timedelta(minutes=self.handoff_nudge_minutes)

    @property
    def apology_after(self) -> timedelta:
        """Time until the bot apologizes; zero: never."""
        return timedelta(minutes=self.handoff_apology_minutes)


SETTINGS = HandoffSettings
