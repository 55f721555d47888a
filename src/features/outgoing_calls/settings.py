"""Settings of calls to people."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from schemas.cloud_api_schema import TemplateMessage
from utils.setting_types import SettingsModel, invalid


def _template(value: str) -> str:
    if value:
        name, _, language = value.partition(":")
        try:
            TemplateMessage(name=name, language=language)
        except ValueError:
            raise invalid("expected name:language, such as may_we_call:en_US") from None
    return value


class OutgoingCallSettings(SettingsModel):
    """How people are asked whether they may be called."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Calls to people (docs/calls.md)"
    )

    call_permission_template: Annotated[str, AfterValidator(_template)] = Field(
        "",
        description="name:language of an approved template that asks for the permission to call; "
        "it is used where the 24 hours have passed since the person wrote.",
    )

    @property
    def template(self) -> TemplateMessage | None:
        """The template that asks; None without one."""
        name, _, language = self.call_permission_template.partition(":")
        return TemplateMessage(name=name, language=language) if name else None


SETTINGS = OutgoingCallSettings
