"""Settings of attachments."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class AttachmentsSettings(SettingsModel):
    """Whether the assistant gets images and documents."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Attachments: images and documents for the assistant"
    )

    openai_vision: bool = Field(
        True, description="true gives images and documents to the assistant's model."
    )


SETTINGS = AttachmentsSettings
