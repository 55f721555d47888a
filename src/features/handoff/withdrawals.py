"""Messages that withdraw a request for an operator: "cancel", "nobody? just close that"."""

import re

from texts.catalogue import Texts

#: Most words that withdraw a request in a sentence: more of them tell of a concern.
MAX_WITHDRAWAL_WORDS = 9
#: Groups of words that withdraw a request which nobody has answered yet.
WITHDRAWALS = ("cancel", "back", "leave_chat")
#: Clauses with the marks behind them.
_CLAUSES = re.compile(r"[^,;.!?\u00bf\u00a1\n]+[,;.!?\n]*")


def beside_withdrawal(texts: Texts, text: str) -> str | None:
    """Return what a message that withdraws a request asks besides; None if it does not withdraw it.

    Whoever tells of something as well, as in "I was charged twice, cancel", tells operators.
    """
    clauses = [one.strip() for one in _CLAUSES.findall(text) if any(map(str.isalnum, one))]
    others = [one for one in clauses if not _withdraws(texts, one)]
    asking = [one for one in others if texts.vocabulary.asks(one) and not _is_impatient(texts, one)]
    if _withdraws(texts, text) and not (asking and len(others) < len(clauses)):
        return ""
    is_told = any(one not in asking and not _is_impatient(texts, one) for one in others)
    return None if len(others) == len(clauses) or is_told else " ".join(asking)


def _withdraws(texts: Texts, text: str) -> bool:
    is_short = len(text.split()) <= MAX_WITHDRAWAL_WORDS
    is_word = any(texts.is_word(group, text) for group in WITHDRAWALS)
    return is_word or (is_short and texts.vocabulary.has_phrase("bot_phrases", text))


def _is_impatient(texts: Texts, text: str) -> bool:
    vocabulary = texts.vocabulary
    is_complaint = vocabulary.small_talk(text) == "complaint"
    return is_complaint or vocabulary.is_word("still_there", text) or vocabulary.is_courtesy(text)
