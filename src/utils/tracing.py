"""Which webhook the work of this moment belongs to: told in the log, stored with jobs, traced.

It is named as W3C Trace Context names it (w3.org/TR/trace-context), so that a line of the log, a
stored job and a span of OpenTelemetry are found by the same trace id.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)

#: Not the module's own, which anybody may seed: ids would come again.
_random = random.Random()

#: (parent, name of the part) -> a span of that part, which gives its own traceparent
Spans = Callable[[str | None, str], AbstractContextManager[str]]
_spans: Spans | None = None


def use_spans(spans: Spans | None) -> None:
    """Measure every part from now on; None: no longer."""
    global _spans
    _spans = spans


def current() -> str | None:
    """The traceparent of this moment, `00-<trace id>-<span id>-01`, if it belongs to a webhook."""
    return _current.get()


def trace_id() -> str | None:
    """32 hexadecimal digits."""
    parent = _current.get()
    return parent[3:35] if parent else None


def span(parent: str | None, name: str) -> AbstractContextManager[None]:
    """What happens inside belongs to the webhook of `parent`; to a new one without it."""
    return _measured(_spans(parent, name)) if _spans else _Part(parent or _begin())


class _Part(AbstractContextManager[None]):
    """A generator would cost twice as much, for every message and job."""

    __slots__ = ("_parent", "_token")

    def __init__(self, parent: str) -> None:
        self._parent = parent

    def __enter__(self) -> None:
        self._token = _current.set(self._parent)

    def __exit__(self, *error: object) -> None:
        _current.reset(self._token)


@contextmanager
def _measured(span: AbstractContextManager[str]) -> Iterator[None]:
    with span as parent, _Part(parent):
        yield


def _begin() -> str:
    return f"00-{_random.getrandbits(128):032x}-{_random.getrandbits(64):016x}-01"
