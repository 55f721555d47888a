"""WhatsApp's marks around a text: only where WhatsApp reads them as marks.

It reads a mark only at the edge of a word and within one line, and takes a mark behind an address
for a part of the address.
"""

import re

#: The last word of a line, where it is an address.
ADDRESS = re.compile(r"\S*://|\W*www\.|\W*[\w.-]+\.[a-z]{2,}/", re.IGNORECASE)
#: Letters of languages that put no space between words: Thai to Khmer, Chinese, Japanese.
WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def marked(mark: str, text: str) -> str:
    """Return each line between marks; one that ends in an address stays bare."""
    return "\n".join(
        f"{mark}{line}{mark}" if line.strip() and not _ends_in_address(line) else line
        for line in text.split("\n")
    )


def _ends_in_address(line: str) -> bool:
    return ADDRESS.match(line.split()[-1]) is not None


def set_off(before: str, plain: str, text: str, after: str, markup: str) -> str:
    """Return a marked text so that it can stand between two others.

    `plain` is the text without marks, `markup` what marked it in Markdown. At a letter, a space
    sets off what ends in a sign or is of a language without spaces. A part of a word cannot be
    marked: it loses its marks, or in the middle of a word keeps those of Markdown (x**y**z).
    """
    left, right = (_touches(before[-1:], plain[:1]), _touches(after[:1], plain[-1:]))
    if text == plain:
        # What is marked around it already, or an address, to which letters beside it would belong.
        words = plain.split()
        left = left if words and ADDRESS.match(words[0]) else ""
        right = right if words and ADDRESS.match(words[-1]) else ""
        return f"{' ' if left else ''}{text}{' ' if right else ''}"
    if "word" in (left, right):
        return f"{markup}{plain}{markup}" if left == right == "word" else plain
    return f"{' ' if left else ''}{text}{' ' if right else ''}"


def _touches(neighbour: str, edge: str) -> str:
    """Return "word" if a neighbour and an edge are one word, "sign" if they only touch."""
    if not neighbour.isalnum():
        return ""
    is_word = edge.isalnum() and not any(map(WITHOUT_SPACES.match, (neighbour, edge)))
    return "word" if is_word else "sign"
