"""Which webhook the work of this moment belongs to: told in the log, stored with jobs, traced.

It is named as W3C Trace Context names it (w3.org/TR/trace-context), so that a line of the log, a
stored job and a span of OpenTelemetry are found by the same trace id.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)

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


@contextmanager
def part_of(parent: str | None, name: str) -> Iterator[None]:
    """What happens inside belongs to the webhook of `parent`; to a new one without it."""
    span = _spans(parent, name) if _spans else nullcontext(parent or _begin())
    with span as traceparent:
        token = _current.set(traceparent)
        try:
            yield
        finally:
            _current.reset(token)


def _begin() -> str:
    return f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01"
