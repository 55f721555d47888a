"""Types of answers that forms share: they read what people really type."""

import unicodedata
from datetime import date
from typing import Annotated

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PastDate

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-.\u200c\u200d][\p{L}\p{M}]+)*[.'’]?")
#: Written without spaces, such a name is one word.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Khmer}\p{Lao}]{2,}"
)
#: What people, and their keyboards, put around a name: marks of direction, brackets, emoji.
_AROUND = regex.compile(r"^\p{Cf}+|\p{Cf}+$|[,()\p{So}\p{Sk}\uFE0F]", regex.MULTILINE)
_SEPARATOR = r" ?[/\-.] ?| "
_DAY_FIRST = regex.compile(rf"(\d{{1,2}})(?:{_SEPARATOR})(\d{{1,2}})(?:{_SEPARATOR})(\d{{4}})")
_YEAR_FIRST = regex.compile(rf"(\d{{4}})(?:{_SEPARATOR})(\d{{1,2}})(?:{_SEPARATOR})(\d{{1,2}})")


def _full_name(text: str) -> str:
    words = unicodedata.normalize("NFC", _AROUND.sub(" ", text.strip())).split()
    is_whole = len(words) > 1 or (len(words) == 1 and _UNSPACED.fullmatch(words[0]))
    if not is_whole or not all(_WORD.fullmatch(word) for word in words):
        raise ValueError("a first and a last name, in letters")
    name = " ".join(words)
    if name.islower() or name.isupper():  # otherwise they know best how to write it
        return str(regex.sub(r"(?:^|[\s'’\-])\w", lambda start: start[0].upper(), name.lower()))
    return name


def _day_first(text: object) -> object:
    """DD/MM/YYYY or YYYY/MM/DD with any usual separator, as ISO.

    Nothing else: a date type by itself takes any number for seconds since 1970.
    """
    if not isinstance(text, str):
        return text
    written = " ".join(_plain_digits(text).split()).rstrip(".")
    if found := _DAY_FIRST.fullmatch(written):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(written):
        year, month, day = found.groups()
    else:
        raise ValueError("a date as DD/MM/YYYY")
    return f"{year}-{month:0>2}-{day:0>2}"


def _without_separators(text: object) -> object:
    return regex.sub(r"[\s.\-]", "", _plain_digits(text)).upper() if isinstance(text, str) else text


def _with_digits(number: str) -> str:
    if not any(map(str.isdigit, number)):
        raise ValueError("a number has digits")
    return number


def _plain_digits(text: str) -> str:
    """Those of other scripts, as ours."""
    return regex.sub(r"\d", lambda digit: str(int(digit[0])), text)


#: At least two words, where names have words; apostrophes, hyphens and any script are fine:
#: "Seán O'Connor", "Jean-Luc P.", "王小明"
FullName = Annotated[str, Field(max_length=100), AfterValidator(_full_name)]

#: "1.020.300" reads as "1020300"; passports have letters: "AB12345"
DocumentNumber = Annotated[
    str,
    BeforeValidator(_without_separators),
    Field(pattern=r"^[0-9A-Z]{3,20}$"),
    AfterValidator(_with_digits),
]

#: DD/MM/YYYY or YYYY-MM-DD; real, past, and of somebody alive
BirthDate = Annotated[PastDate, BeforeValidator(_day_first), Field(ge=date(1900, 1, 1))]

#: A few sentences
LongText = Annotated[str, Field(min_length=20, max_length=1000)]
