"""Settings of templates."""

from typing import ClassVar

from pydantic import Field, PositiveInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class TemplateSettings(SettingsModel):
    """How often Meta is asked."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(title="Templates")

    template_sync_minutes: PositiveInt = Field(
        60,
        description="Minutes between two looks at the message templates of WP_BID; webhooks tell "
        "changes at once.",
    )


SETTINGS = TemplateSettings
