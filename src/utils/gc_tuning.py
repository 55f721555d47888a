"""Fewer runs of Python's garbage collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Allocations between two runs. Reference counting frees nearly all objects of a request.
ALLOCATIONS_PER_COLLECTION = 50_000


@contextmanager
def tuned_gc() -> Iterator[None]:
    """Run the collector less often, and never over the objects of the start, while inside.

    With Python's own thresholds, it takes up to a fourth of the time of a busy bot.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
