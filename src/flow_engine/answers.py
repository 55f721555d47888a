"""Types of answers that forms share: they read what people really type."""

import unicodedata
from datetime import date
from typing import Annotated

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PastDate

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-.][\p{L}\p{M}]+)*[.'’]?")
_DATE = regex.compile(r"(\d{1,2})\s*[/\-. ]\s*(\d{1,2})\s*[/\-. ]\s*(\d{4})")


def _full_name(text: str) -> str:
    words = unicodedata.normalize("NFC", text).split()
    if len(words) < 2 or not all(_WORD.fullmatch(word) for word in words):
        raise ValueError("a first and a last name, in letters")
    name = " ".join(words)
    if name.islower() or name.isupper():  # otherwise they know best how to write it
        return str(regex.sub(r"(?:^|[\s'’\-])\w", lambda start: start[0].upper(), name.lower()))
    return name


def _day_first(text: object) -> object:
    """DD/MM/YYYY with any usual separator, as ISO; anything else is left to the date type."""
    if isinstance(text, str) and (found := _DATE.fullmatch(text.strip())):
        day, month, year = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return text


def _without_separators(text: object) -> object:
    return regex.sub(r"[\s.\-]", "", text).upper() if isinstance(text, str) else text


#: At least two words; apostrophes, hyphens and any script are fine: "Seán O'Connor", "Jean-Luc P."
FullName = Annotated[str, Field(max_length=100), AfterValidator(_full_name)]

#: "1.020.300" reads as "1020300"; passports have letters: "AB12345"
DocumentNumber = Annotated[
    str, BeforeValidator(_without_separators), Field(pattern=r"^[0-9A-Z]{3,20}$")
]

#: DD/MM/YYYY or ISO; real, past, and of somebody alive
BirthDate = Annotated[PastDate, BeforeValidator(_day_first), Field(ge=date(1900, 1, 1))]

#: A few sentences
LongText = Annotated[str, Field(min_length=20, max_length=1000)]
