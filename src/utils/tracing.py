"""The trace of the current work: which webhook it belongs to, for the log, jobs and spans.

Ids are those of W3C Trace Context (w3.org/TR/trace-context): a line of the log, a stored job and
a span of OpenTelemetry have the same trace id.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)

#: Generator of ids. The module's own can be seeded by any library: ids would repeat.
_random = random.Random()

#: Function of a parent's traceparent and a name: a span, which yields its own traceparent.
Spans = Callable[[str | None, str], AbstractContextManager[str]]
_spans: Spans | None = None


def use_spans(spans: Spans | None) -> None:
    """Export a span for every part from now on; None stops it."""
    global _spans
    _spans = spans


def current() -> str | None:
    """Return the current traceparent, `00-<trace id>-<span id>-01`; None outside a span."""
    return _current.get()


def trace_id() -> str | None:
    """Return the current trace id, of 32 hexadecimal digits; None outside a span."""
    parent = _current.get()
    return parent[3:35] if parent else None


def span(parent: str | None, name: str) -> AbstractContextManager[None]:
    """Make the work inside a part of the trace of `parent`; without it, begin a new trace."""
    return _measured(_spans(parent, name)) if _spans else _Part(parent or _begin())


class _Part(AbstractContextManager[None]):
    """A context manager without a generator, which would take twice as long per job."""

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
