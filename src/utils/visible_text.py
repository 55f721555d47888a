"""Whether a text shows anything."""

import unicodedata

#: Categories of characters that show nothing by themselves: control and format characters, half
#: characters, unassigned ones, marks without a letter, and blanks.
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"})
#: Characters of other categories that look like a blank: fillers of Hangul, a Braille pattern.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_blank(text: str) -> bool:
    """Return whether a text is empty, or has only characters that nobody sees."""
    if text[:1].isalnum() and text[0].isascii():  # as nearly all do
        return False
    return all(
        character in BLANKS or unicodedata.category(character) in INVISIBLE_CATEGORIES
        for character in text
    )
