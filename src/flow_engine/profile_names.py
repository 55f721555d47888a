"""First names that profiles of WhatsApp show: people write there whatever they like."""

import regex

from flow_engine.languages import LANGUAGES
from flow_engine.sentences import without_introduction
from flow_engine.words import normalise

#: Longest first name to call somebody by, in characters.
MAX_FIRST_NAME_CHARS = 20
#: Longest name in capitals that stays so: "JP", "MJ".
MAX_INITIALS = 3
_FIRST_NAME = regex.compile(r"\p{L}[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
#: What people put around their names: emoji, marks, invisible characters.
_DECORATION = regex.compile(r"[\p{Cf}\p{S}\uFE0F_*,|()]")
_NOT_NAMES = frozenset(
    normalise(word)
    for language in LANGUAGES.values()
    for words in (
        language.names.not_names,
        language.names.titles,
        language.names.greetings,
        language.names.not_in_names,
    )
    for word in words
)


def first_name_in(profile_name: str | None) -> str:
    """Return the first name that a profile shows; empty if it does not look like one.

    "Tess 🌸", "TESS MARTIN" and "~tess" -> "Tess"; "Hotel Sol", "." and "user 7" -> "".
    """
    shown = _DECORATION.sub(" ", profile_name or "")
    first = next(iter(without_introduction(shown).split()), "")
    if not _FIRST_NAME.fullmatch(first) or len(first) > MAX_FIRST_NAME_CHARS:
        return ""
    if normalise(first) in _NOT_NAMES:
        return ""
    is_shouted = first.isupper() and len(first) > MAX_INITIALS
    return first.capitalize() if first.islower() or is_shouted else first
