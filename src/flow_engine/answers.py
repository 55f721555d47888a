"""Types of answers that forms share: they read what people really type."""

import unicodedata
from datetime import date
from typing import Annotated

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PastDate, ValidationInfo

from flow_engine.dates import iso_date
from flow_engine.languages import LANGUAGES
from flow_engine.reachability import MailAddress as MailAddress
from flow_engine.reachability import PhoneNumber as PhoneNumber
from flow_engine.sentences import is_sentence, number_in, without_introduction
from flow_engine.words import plain_digits

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-.\u200c\u200d][\p{L}\p{M}]+)*[.'’]?")
#: Written without spaces, such a name is one word.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Khmer}\p{Lao}]{2,}"
)
#: What people, and their keyboards, put around a name: marks of direction, brackets, emoji.
_AROUND = regex.compile(r"[,()\p{So}\p{Sk}\uFE0F]")
_EDGES = regex.compile(r"^\p{Cf}+|\p{Cf}+$", regex.MULTILINE)
_INVISIBLE, _SEPARATORS = regex.compile(r"\p{Cf}"), regex.compile(r"[\s\p{P}\u00b4`]")
#: An accent that stands for the apostrophe inside a name, as of an O'Connor.
_ACCENT_ALONE = regex.compile(r"(?<=\p{L})[\u00b4`](?=\p{L})")
#: The beginning of a name, after a hyphen, or after one letter and an apostrophe: "O'Connor".
_CAPITAL = regex.compile(r"(?:^|-|(?<=\b\p{L})['’])\w")

#: Longest text that a document number is searched in, in characters.
MAX_NUMBER_CHARS = 200
#: Key of the validation context that says whether a person is used to months before days.
MONTH_FIRST = "month_first"
#: Key of the validation context that says whether what a type would rather not have is refused.
INSISTS = "insists"
#: Key of the validation context that says whether one name is a full one: of what is typed, only
#: after the last name was asked for; what is stored was taken once.
ONE_NAME = "one_name"
#: Fewest characters of a `LongText` that are asked for, once.
MIN_LONG_TEXT_CHARS = 3
#: Most words of a text that is only a mail address: "oh no, it's me@example.com".
MAX_WORDS_BESIDE_ADDRESS = 4
#: Longest last word of a name that may end in a point: "Jr.", "P.".
MAX_ABBREVIATION_CHARS = 4
#: Words inside a name that stay small.
_PARTICLES = frozenset(word for language in LANGUAGES.values() for word in language.names.particles)


def _full_name(text: str, info: ValidationInfo) -> str:
    written = _AROUND.sub(" ", without_introduction(_ACCENT_ALONE.sub("'", _visible(text))))
    words = unicodedata.normalize("NFC", written).split()
    if words and len(words[-1]) > MAX_ABBREVIATION_CHARS:
        words[-1] = words[-1].removesuffix(".")
    is_one_enough = bool((info.context or {}).get(ONE_NAME, True))
    is_whole = len(words) > 1 or (
        len(words) == 1 and (is_one_enough or _UNSPACED.fullmatch(words[0]))
    )
    if not is_whole or not all(map(_WORD.fullmatch, words)) or is_sentence(words):
        raise ValueError("a first and a last name, in letters")
    name = " ".join(words)
    if name.islower() or name.isupper():  # otherwise they know best how to write it
        return " ".join(_capitalised(word, place) for place, word in enumerate(words))
    return name


def _visible(text: str) -> str:
    return str(_EDGES.sub("", text.strip()))


def _capitalised(word: str, place: int) -> str:
    if place and word.lower() in _PARTICLES:
        return word.lower()
    return str(_CAPITAL.sub(lambda start: start[0].upper(), word.lower()))


def _without_separators(text: object) -> object:
    if not isinstance(text, str):
        return text
    readable = unicodedata.normalize("NFKC", plain_digits(text[:MAX_NUMBER_CHARS]))
    number = number_in(_INVISIBLE.sub("", readable))
    return _SEPARATORS.sub("", number).upper()


def _date(text: object, info: ValidationInfo) -> object:
    return iso_date(text, is_month_first_usual=bool((info.context or {}).get(MONTH_FIRST)))


def _with_digits(number: str) -> str:
    if not any(map(str.isdigit, number)):
        raise ValueError("a number has digits")
    return number


def _is_address(text: str) -> bool:
    """Return whether a text is a mail address, with a few words around it."""
    words = text.split()
    return len(words) <= MAX_WORDS_BESIDE_ADDRESS and any("@" in word for word in words)


def _long_enough(text: str, info: ValidationInfo) -> str:
    if _is_address(text):
        raise ValueError("a mail address is no description")
    is_wanted = not text or bool((info.context or {}).get(INSISTS))
    if is_wanted and len(text) < MIN_LONG_TEXT_CHARS:
        raise ValueError(f"at least {MIN_LONG_TEXT_CHARS} characters")
    return text


#: At least two words, where names have words; apostrophes, hyphens and any script are fine:
#: "Seán O'Connor", "Jean-Luc P.", "王小明"
FullName = Annotated[str, Field(max_length=100), AfterValidator(_full_name)]

#: "1.020.300" and "my number is 1.020.300" read as "1020300"; passports have letters: "AB12345"
DocumentNumber = Annotated[
    str,
    BeforeValidator(_without_separators),
    Field(pattern=r"^[0-9A-Z]{3,20}$"),
    AfterValidator(_with_digits),
]

#: Read by `flow_engine.dates`: "25/12/1990", "5 de marzo de 1990"; past, and of somebody alive
BirthDate = Annotated[PastDate, BeforeValidator(_date), Field(ge=date(1900, 1, 1))]

#: A word or a few sentences. A text of fewer than 3 characters is refused once, and then taken as
#: it is
LongText = Annotated[str, Field(max_length=1000), AfterValidator(_long_enough)]
