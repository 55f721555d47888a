"""Texts of the config file take the place of those of the files."""

from features.file_texts.settings import FileTextsSettings
from services.feature import Feature, Parts


class FileTexts(Feature):
    """Says texts of the config file; those that operators write still come first."""

    name = "file_texts"
    summary = "texts of the config file take the place of those of the files"
    page = "docs/configuration.md"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: FileTextsSettings = parts.settings_of(FileTextsSettings)
        if settings.texts:
            parts.context.texts.replace_files(settings.overrides)


FEATURE = FileTexts
