"""Settings that are parts of the config file, such as a section of its own.

A feature's `settings.py` needs nothing else of ours for them.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from utils.setting_types import SettingsModel

#: Variable by which another bot of the process gets its parts of the config file, as JSON.
PARTS_SETTING = "CONFIG_FILE_PARTS"


class FileProblem(NamedTuple):
    """What is wrong with a part of the config file, which other parts have to be known for."""

    #: Keys and positions that lead to it.
    path: tuple[Hashable, ...]
    text: str
    #: Line within the text at `path`, from 1; 0 for the text as a whole.
    line: int = 0


class FileBot(BaseModel):
    """What the config file says of another bot, which runs beside that of the settings."""

    model_config = ConfigDict(frozen=True)

    #: Its settings by their names, with variables filled in.
    values: dict[str, str] = Field({}, repr=False)
    #: Its other sections, as they are written.
    parts: dict[str, Any] = Field({}, repr=False)
    #: The file.
    file: str = ""


class FileSettings(SettingsModel):
    """Settings with fields that come from the config file alone, as they are written there."""

    #: These fields, with their place in the file: `whatsapp.workflow`. An empty place is the
    #: folder of the file.
    file_fields: ClassVar[Mapping[str, str]] = {}
    #: Of them, one whose entries are other bots, each with the sections of a file: `FileBot`.
    bots_field: ClassVar[str] = ""
    #: More keys of such a bot, and the setting that each of them is.
    bot_keys: ClassVar[Mapping[str, str]] = {}
    #: Settings that such a bot has from the others of the process, unless it has its own.
    bots_share: ClassVar[frozenset[str]] = frozenset()

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


def model_of_bots(models: Iterable[type[SettingsModel]]) -> type[FileSettings] | None:
    """Return the model that has other bots; None where no feature runs any."""
    found = (one for one in models if issubclass(one, FileSettings) and one.bots_field)
    return next(found, None)


def file_fields(model: type[SettingsModel]) -> Mapping[str, str]:
    """Return the fields of a model that come from the file, with their places."""
    return model.file_fields if issubclass(model, FileSettings) else {}
