"""Bounds what filling in a template takes: time, and the size of what filters and loops get.

Liquid counts rounds, output and variables. A filter within a loop can still take minutes, and one
range can mean a billion numbers. So time is looked at before every node and filter, and nothing is
given to a filter that could take long by itself. What is raised is always a LiquidError.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from liquid import BoundTemplate, RenderContext
from liquid.builtin.expressions import primitive
from liquid.exceptions import ResourceLimitError

#: Most rounds of all loops of a template, and most numbers of a range.
MAX_LOOPS = 10_000
#: Longest time of the processor for one template, in seconds: an ordinary one takes 0.0001.
MAX_SECONDS = 1.0
#: Most characters that a filter is given; an item of a list counts as ten.
MAX_GIVEN, ITEM = 100_000, 10
#: Most items of a list that is compared item by item.
MAX_COMPARED = 3_000

_local = threading.local()


@contextmanager
def limited_time() -> Iterator[None]:
    """Have `check_time` raise once this thread has worked for `MAX_SECONDS`."""
    _local.ends_at = time.thread_time() + MAX_SECONDS
    try:
        yield
    finally:
        del _local.ends_at


def check_time() -> None:
    """Raise ResourceLimitError if filling in the template takes too long."""
    if time.thread_time() > getattr(_local, "ends_at", float("inf")):
        raise _too_much(f"the template takes more than {MAX_SECONDS:g} s: loop over less")


def check_filter(name: str, given: Sequence[Any]) -> None:
    """Raise ResourceLimitError for a filter that could take long with these values."""
    check_time()
    if sum(map(weight, given)) > MAX_GIVEN:
        raise _too_much(f"the filter {name} gets more than {MAX_GIVEN} characters or numbers")
    value, *more = given
    if name == "uniq" and isinstance(value, list | tuple) and len(value) > MAX_COMPARED:
        raise _too_much(f"the filter uniq gets more than {MAX_COMPARED} items")
    texts = [one for one in more if isinstance(one, str)]
    if name == "replace" and isinstance(value, str) and texts:
        _check_made(name, value.count(texts[0]), texts[1:])
    if name == "join" and isinstance(value, list | tuple | range):
        _check_made(name, len(value), texts)


def weight(value: object) -> int:
    """Return about how many characters a value has; it stops counting at what is too much."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, int):
        return value.bit_length()
    if isinstance(value, range):
        return ITEM * _length(value)
    if isinstance(value, dict):
        return weight([*value, *value.values()])
    if not isinstance(value, list | tuple):
        return 1
    total = 0
    for one in value:
        total += ITEM + weight(one)
        if total > MAX_GIVEN:
            break
    return total


class LimitedContext(RenderContext):
    """A context that looks at the time: every node asks it first which tags are off."""

    __slots__ = ("_off",)

    @property
    def disabled_tags(self) -> list[str]:
        """The tags that are off. Raise ResourceLimitError after `MAX_SECONDS`."""
        check_time()
        return self._off

    @disabled_tags.setter
    def disabled_tags(self, tags: list[str]) -> None:
        self._off = tags


class LimitedTemplate(BoundTemplate):
    """A template that is filled in within the limits."""

    context_class = LimitedContext


class LimitedRange(primitive.RangeLiteral):
    """A range such as (1..5) that is not too long: Liquid may make a list of it, or search it."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> range:
        """Return the numbers. Raise ResourceLimitError for too many."""
        found = super().evaluate(context)
        if _length(found) > MAX_LOOPS:
            raise _too_much(f"the range has more than {MAX_LOOPS} numbers")
        return found


primitive.RangeLiteral = LimitedRange  # type: ignore[misc] # its parser makes these, with no choice


def _length(numbers: range) -> int:
    return max(0, numbers.stop - numbers.start)


def _check_made(name: str, places: int, put: Sequence[str]) -> None:
    if places * sum(map(len, put)) > MAX_GIVEN:
        raise _too_much(f"the filter {name} makes more than {MAX_GIVEN} characters")


def _too_much(text: str) -> ResourceLimitError:
    return ResourceLimitError(text, token=None)
