"""Where the program is put together."""

import gc

from utils.gc_tuning import ALLOCATIONS_AT_START

# Imports make little garbage: looking for it as often as usual takes a sixth of the start.
gc.set_threshold(ALLOCATIONS_AT_START)
