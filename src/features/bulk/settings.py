"""Settings of messages to many people."""

from typing import ClassVar

from pydantic import Field, NonNegativeInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class BulkSettings(SettingsModel):
    """What Meta lets a business send."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(title="Messages to many people")

    messaging_limit: NonNegativeInt | None = Field(
        None,
        description="Most people whom the business may write to first within 24 hours; 0: no limit."
        " By default, what Meta says: 250, 2000, 10000, 100000 or no limit.",
    )


SETTINGS = BulkSettings
