"""A message as a vocabulary reads it: what each part of it says is worked out once."""

from collections.abc import Sequence
from functools import cached_property

from flow_engine.short_forms import spelled_out
from flow_engine.typos import unstretched
from flow_engine.words import as_keyword, readings
from texts.word_groups import WordGroups

#: Most words of a message that is put together of words of a group and fillers.
MAX_WORDS = 10


class Reading:
    """What one message may be taken for. All stages ask the same one."""

    def __init__(self, keyword: str, groups: WordGroups) -> None:
        """Read a message as `as_keyword` leaves it."""
        self.keyword = keyword
        self._groups = groups

    @cached_property
    def readings(self) -> Sequence[str]:
        """The message with and without courtesy around it, the longest first."""
        return readings(self.keyword, self._groups.courtesy)

    @cached_property
    def loose_readings(self) -> Sequence[str]:
        """The readings, and those of the message without stretched letters: "heyyy"."""
        if self._plain == self.keyword:
            return self.readings
        return [*self.readings, *readings(self._plain, self._groups.courtesy)]

    @cached_property
    def groups(self) -> frozenset[str]:
        """The groups that have a reading, also of the message without short forms: "idk"."""
        return frozenset().union(*(self._groups.of(one.readings) for one in self._spellings))

    @cached_property
    def loose_groups(self) -> frozenset[str]:
        """The groups that are meant with typos, stretched letters and fillers in between."""
        return frozenset().union(*(one._near_groups for one in self._spellings))

    @cached_property
    def _plain(self) -> str:
        return unstretched(self.keyword)

    @cached_property
    def _spellings(self) -> Sequence["Reading"]:
        spelled = as_keyword(spelled_out(self.keyword))
        return (self,) if spelled == self.keyword else (self, Reading(spelled, self._groups))

    @cached_property
    def _near_groups(self) -> frozenset[str]:
        loose = self.loose_readings
        return self._groups.of(loose) | self._groups.near(loose) | self._covering_groups()

    def _covering_groups(self) -> frozenset[str]:
        whole = self._plain.split()
        if len(whole) > MAX_WORDS:
            return frozenset()
        shortest = self.loose_readings[-1].split() if self.loose_readings else []
        found = self._groups.covering(whole)
        return found if shortest == whole else found | self._groups.covering(shortest)
