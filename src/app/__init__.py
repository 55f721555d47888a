"""Where the program is put together."""

import gc

#: Allocations between two searches for garbage during the start. Imports make little of it, and
#: with Python's own threshold the searches take a sixth of the start.
ALLOCATIONS_PER_COLLECTION = 50_000

gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
