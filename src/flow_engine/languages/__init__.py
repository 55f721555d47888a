"""What the program knows of each language: one file each, whatever the bot says in it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FOLDER = Path(__file__).parent
_Words = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DateWords(_Part):
    """How dates are written."""

    #: From January to December; several names of one are separated by commas.
    months: Annotated[_Words, Field(min_length=12, max_length=12)]
    #: Other words of a date.
    words: _Words = ()
    #: ISO codes of countries where many people write the month first: "12/25/1990".
    month_first_countries: _Words = ()
    #: From Monday to Sunday; several names of one are separated by commas.
    weekdays: Annotated[_Words, Field(max_length=7)] = ()
    #: Today, tomorrow, the day after tomorrow; several names of one are separated by commas.
    relative: Annotated[_Words, Field(max_length=3)] = ()


class NameWords(_Part):
    """How people give their name."""

    introductions: _Words = ()
    #: Those of them that say so in the middle of a sentence, too.
    mentions: _Words = ()
    greetings: _Words = ()
    #: Words inside a name that stay small.
    particles: _Words = ()
    #: What a profile of WhatsApp may begin with instead of a first name.
    not_names: _Words = ()
    #: Titles before a name, which are left out.
    titles: _Words = ()
    #: What people write behind their name.
    closings: _Words = ()
    #: What stands between "my name" and a name, in small letters: "is spelled".
    copulas: _Words = ()
    #: What says that the name was told before: "again", "you already have it".
    again: _Words = ()
    #: Words that make a sentence, and are in no name; whole answers that are none.
    not_in_names: _Words = ()
    #: Before one word they make no full name: "the workshop". No letters, which are surnames, too.
    articles: _Words = ()
    #: Words that no name begins with.
    no_beginnings: _Words = ()


class DocumentWords(_Part):
    """What stands around the number of a document."""

    words: _Words = ()


class NumberWords(_Part):
    """Numbers in words; several words for one number are separated by commas."""

    #: From zero on, for as long as numbers are one word.
    units: _Words = ()
    #: From thirty to ninety.
    tens: Annotated[_Words, Field(max_length=7)] = ()
    #: From one hundred to nine hundred, for as long as these are one word.
    hundreds: Annotated[_Words, Field(max_length=9)] = ()
    thousand: _Words = ()
    #: From the first on.
    ordinals: _Words = ()
    #: Words between the parts of a number: "twenty *and* one".
    joints: _Words = ()


class SearchWords(_Part):
    """How questions are compared."""

    #: Name of the algorithm of snowballstemmer; None if there is none for the language.
    stemmer: str | None = None
    #: Words that say nothing of what a question is about, separated by white space.
    common: str = ""
    #: Articles and the like, behind which a thing is named, separated by white space.
    before_things: str = ""
    #: What is said of a thing that stands before it, "is" and "costs", separated by white space.
    after_things: str = ""


class WritingMarks(_Part):
    """How a sentence shows its language."""

    #: Letters and signs, in lower case, that no other language of the bot is written with.
    marks: _Words = ()
    #: The words that are used most, separated by white space.
    words: str = ""


class Language(_Part):
    """One language."""

    #: As its own speakers call it.
    name: Annotated[str, Field(min_length=1, max_length=20)]
    #: ISO codes of the countries where most people read it.
    countries: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = ()
    dates: DateWords
    names: NameWords = NameWords()
    documents: DocumentWords = DocumentWords()
    numbers: NumberWords = NumberWords()
    search: SearchWords = SearchWords()
    #: What people shorten in a chat, and the words that it stands for: "pq" -> "por que".
    short_forms: Mapping[str, str] = {}
    writing: WritingMarks = WritingMarks()


@dataclass(frozen=True, slots=True)
class LanguageProblem:
    """What is wrong with a file: `key` is the path of the value, empty if it is no TOML."""

    path: Path
    key: str
    text: str


def read_languages(
    folder: Path = FOLDER,
) -> tuple[Mapping[str, Language], tuple[LanguageProblem, ...]]:
    """Return the languages of a folder by their codes, and what is wrong with the other files."""
    languages: dict[str, Language] = {}
    problems: list[LanguageProblem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            languages[path.stem] = Language.model_validate(tomllib.loads(path.read_text("utf-8")))
        except tomllib.TOMLDecodeError as error:
            problems.append(LanguageProblem(path, "", str(error)))
        except ValidationError as error:
            problems += _problems(path, error)
    problems += _claimed_twice(folder, languages)
    return languages, tuple(problems)


def _problems(path: Path, error: ValidationError) -> Iterator[LanguageProblem]:
    for one in error.errors():
        key = ".".join(str(part) for part in one["loc"] if not isinstance(part, int))
        yield LanguageProblem(path, key, one["msg"])


def _claimed_twice(folder: Path, languages: Mapping[str, Language]) -> Iterator[LanguageProblem]:
    """Yield countries that two files have: one number is answered in one language."""
    owners: dict[str, str] = {}
    for code, language in languages.items():
        for country in language.countries:
            if (owner := owners.setdefault(country, code)) != code:
                text = f"{country} is in {owner}.toml too: remove it from one of them"
                yield LanguageProblem(folder / f"{code}.toml", "countries", text)


#: All languages by their codes ("en", "es", "pt"), and what is wrong with other files.
LANGUAGES, PROBLEMS = read_languages()
