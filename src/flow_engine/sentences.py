"""Answers inside a sentence: "my name is Ana Pérez", "C.C. No. 1.020.300"."""

import regex

from flow_engine.words import normalise

#: How people introduce themselves in English, Spanish and Portuguese.
_INTRODUCTION = regex.compile(
    r"(?:(?:hi|hello|hey|hola|buenas|olá|oi)\b[\s,.!]*)?"
    r"(?:my (?:full |complete )?name(?:'s|’s| is)|name is|i am|i'm|i’m|this is|it's|it’s|call me"
    r"|me llamo|mi nombre(?: completo)? es|mi nombre|yo soy|soy|le habla|te habla"
    r"|meu nome(?: completo)? é|meu nome|me chamo|eu sou|sou|aqui é)\b[\s:,]*",
    regex.IGNORECASE,
)
#: Words before the number of a document, as `normalise` leaves them, without points.
_LABELS = frozenset(
    [
        *(
            "my",
            "the",
            "a",
            "is",
            "its",
            "it",
            "it's",
            "number",
            "no",
            "n",
            "nr",
            "nro",
            "num",
            "id",
        ),
        *("card", "document", "passport", "mi", "el", "la", "es", "su", "numero", "de", "del"),
        *("documento", "cedula", "ciudadania", "extranjeria", "pasaporte", "identidad", "cc", "ce"),
        *(
            "ti",
            "dni",
            "nit",
            "rut",
            "cpf",
            "rg",
            "nie",
            "meu",
            "minha",
            "o",
            "e",
            "do",
            "identidade",
        ),
        *("passaporte", "identificacion", "identificacao"),
    ]
)


def without_introduction(text: str) -> str:
    """Return what follows "my name is" and the like; all of it if there is no such beginning."""
    found = _INTRODUCTION.match(text.strip())
    return text.strip()[found.end() :] if found else text.strip()


def number_in(text: str) -> str:
    """Return what follows words in front of a number: "AB1020300" of "my number is AB1020300"."""
    words = text.split()
    while len(words) > 1 and normalise(words[0]).replace(".", "") in {*_LABELS, ""}:
        del words[0]
    return " ".join(words)
