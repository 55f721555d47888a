"""What checks say: texts for people, and data for other checks."""

from collections.abc import Mapping
from typing import Any


def text_of(output: Any) -> str:
    """Return what an output says: its text, else its content, and what it adds as it is."""
    if not isinstance(output, Mapping):
        return str(output or "")
    said = output.get("text") or output.get("content") or ""
    added = output.get("_rawOutput") or ""
    return "\n\n".join(str(one) for one in (said, added) if one)


def with_line_ends(text: str) -> str:
    r"""Return the text with line ends where a model wrote \n in words, and has no real one."""
    is_path = ":\\" in text
    return text if "\n" in text or is_path else text.replace("\\n", "\n")
