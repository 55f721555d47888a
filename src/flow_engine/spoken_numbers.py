"""Numbers in words, in English, Spanish and Portuguese: "twenty-one", "mil novecientos noventa"."""

from collections.abc import Iterator, Sequence

from flow_engine.words import normalise

_UNITS = """
zero cero | one uno un una um uma | two dos dois duas | three tres | four cuatro quatro
| five cinco | six seis | seven siete sete | eight ocho oito | nine nueve nove | ten diez dez
| eleven once onze | twelve doce doze dozen docena duzia | thirteen trece treze
| fourteen catorce catorze quatorze | fifteen quince quinze
| sixteen dieciseis dezesseis dezasseis | seventeen diecisiete dezessete dezassete
| eighteen dieciocho dezoito | nineteen diecinueve dezenove dezanove | twenty veinte vinte
| veintiuno veintiun veintiuna | veintidos | veintitres | veinticuatro | veinticinco | veintiseis
| veintisiete | veintiocho | veintinueve
"""
_TENS = """
thirty treinta trinta | forty fourty cuarenta quarenta | fifty cincuenta cinquenta
| sixty sesenta sessenta | seventy setenta | eighty ochenta oitenta | ninety noventa
"""
_HUNDREDS = """
hundred cien ciento cem cento | doscientos doscientas duzentos | trescientos trescientas trezentos
| cuatrocientos cuatrocientas quatrocentos | quinientos quinientas quinhentos
| seiscientos seiscientas seiscentos | setecientos setecientas setecentos
| ochocientos ochocientas oitocentos | novecientos novecientas novecentos
"""
_ORDINALS = """
first primero primer primera primeiro primeira | second segundo segunda
| third tercero tercer terceiro | fourth cuarto quarto | fifth quinto | sixth sexto
| seventh septimo setimo | eighth octavo oitavo | ninth noveno nono | tenth decimo | eleventh
| twelfth | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth | eighteenth
| nineteenth | twentieth
"""


def _table(rows: str, first: int, step: int = 1) -> dict[str, int]:
    return {
        word: first + step * place
        for place, words in enumerate(rows.split("|"))
        for word in words.split()
    }


_SMALL = _table(_UNITS, 0)
_BY_TEN = _table(_TENS, 30, 10) | {"twenty": 20, "vinte": 20}
_BY_HUNDRED = _table(_HUNDREDS, 100, 100)
_PLACES = _table(_ORDINALS, 1) | {"thirtieth": 30}
_THOUSAND = frozenset(["thousand", "mil"])
#: Words between parts of a number: "two thousand and one", "treinta y dos".
_AND = frozenset(["and", "y", "e"])


def with_numbers(text: str) -> Sequence[str]:
    """Return the normalised words of a text, with digits for each number that is in words.

    "the twenty-fifth of December nineteen ninety" -> the, 25, of, december, 1990.
    """
    words = [part for word in normalise(text).split() for part in _split(word)]
    return list(_read(words))


def _split(word: str) -> Sequence[str]:
    parts = word.split("-")
    return parts if len(parts) > 1 and all(map(_is_number, parts)) else [word]


def _is_number(word: str) -> bool:
    return any(word in table for table in (_SMALL, _BY_TEN, _BY_HUNDRED, _PLACES, _THOUSAND))


def _read(words: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        if not _is_number(words[at]):
            yield words[at]
            at += 1
            continue
        end = _end_of_number(words, at)
        yield str(_value(words[at:end]))
        at = end


def _end_of_number(words: Sequence[str], start: int) -> int:
    """Return the place behind the words that go on with the number that starts here."""
    end = start + 1
    while end < len(words):
        here = end + 1 if words[end] in _AND and end + 1 < len(words) else end
        joined = words[here - 1] if here > end else ""
        if not _goes_on(words[start:end], words[here], joined=bool(joined)):
            return end
        end = here + 1
    return end


def _goes_on(before: Sequence[str], word: str, *, joined: bool) -> bool:
    """Return whether a word is part of the number before it: "twenty", "one"; not "two", "three"."""
    if before[-1] in _PLACES and before[-1] not in _SMALL:
        return False
    last = before[-1]
    if word in _THOUSAND:
        return not any(one in _THOUSAND for one in before) and not joined
    if last in _THOUSAND:
        return _is_number(word)
    if word in _BY_HUNDRED:  # "two hundred", "nineteen hundred"
        return word == "hundred" and last in _SMALL and not joined
    if last in _BY_HUNDRED:
        return _is_number(word)
    if last in _BY_TEN:  # "twenty one", "treinta y dos"
        return 0 < _SMALL.get(word, _PLACES.get(word, 0)) < 10
    # A year in two halves: "nineteen ninety", "twenty ten".
    is_century = len(before) == 1 and _SMALL.get(last, 0) in (18, 19, 20) and not joined
    return is_century and (word in _BY_TEN or 10 <= _SMALL.get(word, 0) < 20)


def _value(words: Sequence[str]) -> int:
    total = part = 0
    for word in words:
        if word in _THOUSAND:
            total, part = (part or 1) * 1000, 0
        elif word == "hundred":
            part = (part or 1) * 100
        elif word not in _AND:
            part = _added(part, _value_of(word))
    return total + part


def _added(part: int, value: int) -> int:
    is_century = part in (18, 19, 20) and value >= 10
    return part * 100 + value if is_century else part + value


def _value_of(word: str) -> int:
    tables = (_SMALL, _BY_TEN, _BY_HUNDRED, _PLACES)
    return next(table[word] for table in tables if word in table)
