"""Settings of handoff."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field, PositiveInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel, Url


class HandoffSettings(SettingsModel):
    """How operators hear of users who ask for a person, and when the bot takes over again."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Handoff: users can ask for a person"
    )

    operators_chat_url: Url | None = Field(
        None,
        description="Incoming webhook of your team's chat (such as Slack), for handoff alerts.",
        repr=False,  # everyone who knows it can write there
    )
    human_idle_hours: PositiveInt = Field(
        8, description="Hours after an operator's last action until the bot answers again."
    )

    @property
    def human_idle(self) -> timedelta:
        """Time after an operator's last action until the bot answers again."""
        return timedelta(hours=self.human_idle_hours)


SETTINGS = HandoffSettings
