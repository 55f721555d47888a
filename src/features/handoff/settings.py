"""Settings of handoff."""

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


SETTINGS = HandoffSettings
