"""Settings that are parts of the config file, such as a section of its own.

A feature's `settings.py` needs nothing else of ours for them.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import ClassVar, NamedTuple

from utils.setting_types import SettingsModel


class FileProblem(NamedTuple):
    """What is wrong with a part of the config file, which other parts have to be known for."""

    #: Keys and positions that lead to it.
    path: tuple[Hashable, ...]
    text: str
    #: Line within the text at `path`, from 1; 0 for the text as a whole.
    line: int = 0


class FileSettings(SettingsModel):
    """Settings with fields that come from the config file alone, as they are written there."""

    #: These fields, with their place in the file: `whatsapp.workflow`. An empty place is the
    #: folder of the file.
    file_fields: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def names(cls) -> dict[str, tuple[str, ...]]:
        """Return the environment variables of the other fields."""
        names = super().names()
        return {field: names[field] for field in names if field not in cls.file_fields}

    def files(self) -> Iterable[str]:
        """Return other files that these settings are read from: their changes count as well."""
        return ()

    def file_problems(self) -> Iterable[FileProblem]:
        """Return what is wrong between parts of the file."""
        return ()


def file_fields(model: type[SettingsModel]) -> Mapping[str, str]:
    """Return the fields of a model that come from the file, with their places."""
    return model.file_fields if issubclass(model, FileSettings) else {}
