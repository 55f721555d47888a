"""Groups of words, found the other way round: which of them have a phrase of a message."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from flow_engine.phrases import Phrases, Place, is_covered
from flow_engine.typos import Typos, all_unstretched

#: Words of a group beside which those of another one may stand, besides courtesy and fillers:
#: "no, forget it".
BESIDE = dict.fromkeys(("cancel", "leave_chat"), "no") | {"skip": "laughter"}
BESIDE |= dict.fromkeys(("all_right", "nothing_to_change"), "yes")


class WordGroups:
    """Finds all groups at once, since a message is compared with many."""

    def __init__(self, groups: Mapping[str, frozenset[str]]) -> None:
        self._by_phrase = _by_phrase(groups)
        # "tell you" without stretched letters is "tel you".
        phrases = list(self._by_phrase)
        stretched = dict(zip(phrases, all_unstretched(phrases), strict=True))
        plain = {
            group: words.union(stretched[one] for one in words) for group, words in groups.items()
        }
        self._by_plain_phrase = _by_phrase(plain)
        self._plain_phrases = Phrases(frozenset(self._by_plain_phrase))
        self._typos = Typos(self._by_phrase)
        #: Return what is searched for in sentences; nothing for a group that no language has.
        self.phrases = cache(lambda group: Phrases(plain.get(group, frozenset())))
        #: What may stand around a message and says nothing.
        self.courtesy = groups.get("courtesy", frozenset())
        around = self.courtesy | groups.get("filler", frozenset())
        self._beside = {
            kind: Phrases(around | groups.get(kind, frozenset()))
            for kind in ("filler", *BESIDE.values())
        }

    def __contains__(self, phrase: object) -> bool:
        return phrase in self._by_phrase

    def of(self, readings: Iterable[str]) -> frozenset[str]:
        """Return the groups that have one of some readings among their phrases."""
        found = (self._by_phrase.get(one) for one in readings)
        return frozenset().union(*filter(None, found))

    def near(self, readings: Iterable[str]) -> frozenset[str]:
        """Return the groups that have one of some readings with a typo; what is known has none."""
        unknown = (one for one in readings if one not in self)
        return self.of(phrase for one in unknown for phrase in self._typos.near(one))

    def covering(self, words: Sequence[str]) -> frozenset[str]:
        """Return the groups whose phrases words are from end to end, with what says nothing."""
        places: dict[str, list[Place]] = defaultdict(list)
        for start, end in self._plain_phrases.find(words):
            for group in self._by_plain_phrase[" ".join(words[start:end])]:
                places[group].append((start, end))
        beside = {kind: [*phrases.find(words)] for kind, phrases in self._beside.items()}
        return frozenset(
            group
            for group, wanted in places.items()
            if is_covered(len(words), wanted, beside[BESIDE.get(group, "filler")])
        )


def _by_phrase(groups: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """Return the groups that have each phrase."""
    found: dict[str, list[str]] = defaultdict(list)
    for group, words in groups.items():
        for phrase in words:
            found[phrase].append(group)
    same: dict[frozenset[str], frozenset[str]] = {}
    return {
        phrase: same.setdefault(one := frozenset(names), one) for phrase, names in found.items()
    }
