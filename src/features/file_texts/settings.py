"""The section `texts` of the config file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

import texts as core_texts
from texts.catalogue import Texts
from texts.overrides import Override, WrongText
from utils.file_settings import FileProblem, FileSettings

#: Folders of all texts: those of the core, then those of the features that are there.
FOLDERS = (Path(core_texts.__path__[0]), *sorted(Path(__file__).parents[1].glob("*/texts")))


class FileTextsSettings(FileSettings):
    """Texts that are said instead of those of the files."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Texts of the config file"
    )
    file_fields: ClassVar[Mapping[str, str]] = {"texts": "texts"}

    texts: dict[str, dict[str, str]] = Field(
        {}, description="By language and key: es: {common.fallback: ...}."
    )

    @property
    def overrides(self) -> Sequence[Override]:
        """The texts of all languages."""
        return [
            Override(language, key, text)
            for language, said in self.texts.items()
            for key, text in said.items()
        ]

    def file_problems(self) -> Iterable[FileProblem]:
        """Return the texts that cannot take the place of those of the files."""
        return [*self._problems()] if self.texts else ()

    def _problems(self) -> Iterator[FileProblem]:
        known = _texts_of_files()
        for one in self.overrides:
            try:
                known.check_override(one)
            except WrongText as error:
                yield FileProblem(("texts", one.language, one.key), str(error))


@cache
def _texts_of_files() -> Texts:
    return Texts.load(*FOLDERS)


SETTINGS = FileTextsSettings
