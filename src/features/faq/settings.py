"""The section `faq` of the config file."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import SettingsConfigDict

from features.faq.entry import FaqEntry
from flow_engine.languages import LANGUAGES
from flow_engine.words import normalise
from schemas.cloud_api_limits import MAX_ROW_TITLE_CHARS, MAX_TEXT_CHARS, utf16_length
from utils.file_settings import FileProblem, FileSettings
from utils.visible_text import is_blank


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class WrittenQuestion(BaseModel):
    """A question with its answer, as the file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(description="The question, as people see it.")
    also: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        (), description="Other ways to ask it."
    )
    answer: str = Field(description="The answer, in Markdown or WhatsApp's own marks.")
    language: str | None = Field(None, description="Such as en or es; without it: for everybody.")
    title: str = Field(
        "", description=f"What a list shows of it: at most {MAX_ROW_TITLE_CHARS} characters."
    )
    exact: bool = Field(False, description="true: only these wordings ask it.", strict=True)

    @property
    def entry(self) -> FaqEntry:
        """Return the entry as it is searched."""
        return FaqEntry(
            *(self.question.strip(), self.answer.strip()),
            also=tuple(filter(None, map(str.strip, self.also))),
            language=self.language,
            short_title=self.title,
            is_exact=self.exact,
        )

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question, and other ways to ask it."""
        return (self.question, *self.also)


class FileFaq(BaseModel):
    """The section: entries, or a list of them alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shipped: bool = Field(
        True, description="false: the entries that come with the bot are not used.", strict=True
    )
    entries: tuple[WrittenQuestion, ...] = Field((), description="Questions with their answers.")

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, value: Any) -> Any:
        return {"entries": value} if isinstance(value, list) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        section = handler(core_schema)
        return {"anyOf": [section["properties"]["entries"], section]}


class FaqSettings(FileSettings):
    """Questions of the config file, and whether those that come with the bot are used."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(title="FAQ of the config file")
    file_fields: ClassVar[Mapping[str, str]] = {"faq": "faq"}

    faq: FileFaq = Field(FileFaq(), description="Questions and answers.")

    @property
    def entries(self) -> list[FaqEntry]:
        """The entries of the file, in its order."""
        return [one.entry for one in self.faq.entries]

    def file_problems(self) -> Iterable[FileProblem]:
        """Return entries that say nothing, or that another entry stands in the way of."""
        first: dict[tuple[str, str | None], int] = {}
        ids: dict[str, int] = {}
        for place, one in enumerate(self.faq.entries):
            if (same := ids.setdefault(one.entry.id, place)) != place:
                text = f"entry {same + 1} has the same question: change a word of one"
                yield FileProblem((*_ENTRIES, place, "question"), text)
                continue
            yield from (FileProblem((*_ENTRIES, place, key), text) for key, text in _faults(one))
            for wording in dict.fromkeys(filter(None, map(normalise, one.wordings))):
                before = first.setdefault((wording, one.language), place)
                if before != place:
                    text = f"entry {before + 1} answers {wording!r} already: keep one"
                    yield FileProblem((*_ENTRIES, place, "question"), text)


#: Where the entries are; a file that has a list alone leaves out the second key.
_ENTRIES = ("faq", "entries")


def _faults(one: WrittenQuestion) -> Iterator[tuple[str, str]]:
    if is_blank(one.question):
        yield "question", "the question is blank"
    if is_blank(one.answer):
        yield "answer", "the answer is blank"
    elif (length := utf16_length(one.answer)) > MAX_TEXT_CHARS:
        yield "answer", f"it has {length} characters; WhatsApp takes {MAX_TEXT_CHARS}"
    if utf16_length(one.title) > MAX_ROW_TITLE_CHARS:
        yield "title", f"it has more than {MAX_ROW_TITLE_CHARS} characters"
    if one.language is not None and one.language not in LANGUAGES:
        nearest = get_close_matches(one.language, LANGUAGES, n=1)
        hint = f": did you mean {nearest[0]}?" if nearest else ""
        yield "language", f"expected one of {', '.join(LANGUAGES)}{hint}"


SETTINGS = FaqSettings
