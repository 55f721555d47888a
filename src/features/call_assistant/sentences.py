"""Answers in sentences, as they are spoken."""

import re
from collections.abc import Sequence

from features.calls.speech import spoken
from texts.markdown import to_whatsapp

#: Most sentences of one answer that are spoken.
MAX_SENTENCES = 12
#: Ends of sentences: a mark, then white space.
_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_ADDRESS = re.compile(r"\s*https?://\S*[^\s.,;:!?…)]")


def sentences(answer: str) -> Sequence[str]:
    """Return the sentences of an answer in Markdown, without what is only for the eye."""
    plain = _ADDRESS.sub("", to_whatsapp(answer))
    found = (spoken(one) for one in _END.split(plain))
    return [one for one in found if any(map(str.isalnum, one))][:MAX_SENTENCES]
