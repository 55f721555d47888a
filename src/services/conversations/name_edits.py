"""A part of a name is taken out or replaced, or all of it: "sin el andrea", "only Paula Soto".

Nothing is an edit that says anything else: what is no part of the name has to be words around one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flow_engine.sentences import PARTICLES
from flow_engine.words import as_keyword, normalise
from services.conversations.doubtful_names import is_known
from texts.catalogue import Texts

#: Most words of such a message.
MAX_WORDS = 14
#: Fewest words of a name that replaces another one.
MIN_NAME_WORDS = 2
_ENDS = (",", ";", ".", "!")


def edited_name(texts: Texts, known: Sequence[str], text: str) -> str | None:
    """Return a name as a message edits it; None if it does not, or says more.

    `known` are the words of the name as it is stored.
    """
    if "?" in text.rstrip(" ?") or len(text.split()) > MAX_WORDS:
        return None
    edit = _Edit(texts, {normalise(one): one for one in known}, text)
    return " ".join(found) if (found := edit.name()) else None


@dataclass(frozen=True)
class _Edit:
    texts: Texts
    #: the words of the stored name, by how they are compared
    known: dict[str, str]
    text: str

    def name(self) -> Sequence[str] | None:
        """Return the words of the edited name."""
        kept, denied = self._said
        words = as_keyword(self.text).split()
        has_any = self.texts.vocabulary.has_any
        is_second = len(self.known) > MIN_NAME_WORDS and has_any("second_name", words)
        is_named = not self.known.keys().isdisjoint((*kept, *denied))
        if not (is_named or is_second) or not self._is_all():
            return None
        if is_second:
            is_removed = has_any("removing", words) and not kept
            return self._without({list(self.known)[1]}) if is_removed else None
        if {*denied} - self.known.keys():
            return None
        others = [one for one in kept if one not in self.known]
        is_whole = len(kept) >= MIN_NAME_WORDS and len(others) < len(kept)
        if is_whole and (denied or has_any("only", words) or has_any("naming", words)):
            return [self._shown(one) for one in kept]
        if not denied:
            return None
        if not others:
            return self._without({*denied} - {*kept})
        return self._with(denied, others) if len(denied) == len(others) == len(kept) else None

    @cached_property
    def _said(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the words of names that are to stay, and those that are denied."""
        kept, denied = list[str](), list[str]()
        for clause in self._clauses:
            here, out = self._in_clause(clause)
            kept += here
            denied += out
        return kept, denied

    def _in_clause(self, words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        kept, denied = list[str](), list[str]()
        is_denied, ended_with = False, False
        at = 0
        while at < len(words):
            group, end = self._phrase(words, at)
            if group == "removing":
                is_denied, ended_with = True, True
            elif group == "only" or (group == "naming" and denied):
                is_denied = False
            elif not group and self._is_of_name(words[at]):
                (denied if is_denied else kept).append(words[at])
                ended_with = False
            at = end
        if ended_with and not denied:  # "Andrea no", "take Andrea out"
            return (), kept
        return kept, denied

    def _phrase(self, words: Sequence[str], at: int) -> tuple[str, int]:
        """Return the group of the longest phrase at a place, and its end; "" for a word of none."""
        for end in range(min(len(words), at + 3), at, -1):
            phrase = " ".join(words[at:end])
            group = next(
                (
                    one
                    for one in ("only", "removing", "naming")
                    if phrase in self.texts.vocabulary.words(one)
                ),
                "",
            )
            if group:
                return group, end
        return "", at + 1

    def _is_of_name(self, word: str) -> bool:
        if word in PARTICLES:
            return False
        return word in self.known or (word.isalpha() and not is_known(self.texts, word))

    def _is_all(self) -> bool:
        """Return whether there is nothing besides names, and words around them."""
        kept, denied = self._said
        groups = ("only", "removing", "naming", "second_name", "change", "change_to", "instead")
        around = self.texts.vocabulary.words(*groups)
        return self.texts.choices.frames.is_framed(self.text, (*kept, *denied), around)

    def _without(self, denied: set[str]) -> Sequence[str]:
        return [shown for one, shown in self.known.items() if one not in denied]

    def _with(self, denied: Sequence[str], others: Sequence[str]) -> Sequence[str]:
        new = dict(zip(denied, others, strict=True))
        return [self._shown(new[one]) if one in new else shown for one, shown in self.known.items()]

    def _shown(self, word: str) -> str:
        if word in self.known:
            return self.known[word]
        written = next(one for one in self._written if as_keyword(one) == word).strip(" ,.;!")
        return written.capitalize() if written.islower() else written

    @cached_property
    def _written(self) -> Sequence[str]:
        return self.text.split()

    @cached_property
    def _clauses(self) -> Sequence[Sequence[str]]:
        clauses, words = list[list[str]](), list[str]()
        for one in self._written:
            words += as_keyword(one).split()
            if one.endswith(_ENDS):
                clauses.append(words)
                words = []
        return [*clauses, words]
