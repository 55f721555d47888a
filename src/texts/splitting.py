"""Cuts a long text into messages, where a reader would expect a cut."""

import regex

from schemas.cloud_api_limits import MAX_TEXT_CHARS, utf16_length

FENCE = "```"

#: Where to cut, best first; none leaves a message less than a quarter full, but the last.
_BOUNDARIES = ("\n\n", "\n", " ")
_GRAPHEME = regex.compile(r"\X")


def split_text(text: str, limit: int = MAX_TEXT_CHARS) -> list[str]:
    """Messages of at most `limit` UTF-16 units, none empty; only white space at a cut is lost.

    Cuts at paragraphs, else lines, else words; never inside a grapheme (an emoji, a letter with
    its accents) unless it alone is over the limit. A code block that is cut is closed in one
    message and opened again in the next.
    """
    parts: list[str] = []
    position, in_code = 0, False
    while position < len(text):
        opening = f"{FENCE}\n" if in_code else ""
        end = _end_of_part(text, position, limit - len(opening))
        part = text[position:end]
        in_code ^= part.count(FENCE) % 2 == 1
        position = _skip(text, end, "\n" if in_code else None)
        closing = f"\n{FENCE}" if in_code and position < len(text) else ""
        if part.strip():
            parts.append(f"{opening}{_tidy(part, is_first=not parts)}{closing}")
    return parts


def shortened(text: str, limit: int) -> str:
    """The text, or the beginning of it with an ellipsis, in at most `limit` UTF-16 units."""
    if utf16_length(text) <= limit:
        return text
    return f"{split_text(text, limit - 1)[0]}…"


def _tidy(part: str, *, is_first: bool) -> str:
    return part.strip() if is_first else part.rstrip()


def _skip(text: str, position: int, blanks: str | None) -> int:
    """Past the white space at a cut; within code only past line ends, since indents matter."""
    ahead = text[position : position + MAX_TEXT_CHARS]
    return position + len(ahead) - len(ahead.lstrip(blanks))


def _end_of_part(text: str, start: int, room: int) -> int:
    window = text[start : start + room + 1]
    if start + len(window) == len(text) and utf16_length(window) <= room:
        return len(text)
    window = _that_fits(window, room - len(FENCE) - 1)  # it may have to be closed
    for boundary in _BOUNDARIES:
        least = len(window) // 4 if boundary != " " else 0
        if (found := window.rfind(boundary, least + 1)) > 0:
            return start + found
    return start + _last_grapheme_end(text, start, len(window))


def _that_fits(window: str, room: int) -> str:
    while (excess := utf16_length(window) - room) > 0:
        window = window[: -max(1, excess // 2)]
    return window


def _last_grapheme_end(text: str, start: int, length: int) -> int:
    """The last place up to `length` that cuts no grapheme and no fence; `length` if none does."""
    window = text[start : start + length]
    # With what follows in sight, the last grapheme shows whether it goes on.
    ahead = text[start : start + length + 64]
    ends = [found.end() for found in _GRAPHEME.finditer(ahead) if found.end() <= length]
    end = ends[-1] if ends else length
    if text.startswith("`", start + end):
        end = len(window[:end].rstrip("`")) or end
    return end
