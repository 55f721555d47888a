"""Has Python keep what it compiles, also where PYTHONDONTWRITEBYTECODE says not to.

Images of containers set it, and each process would compile a thousand files again: a worker of the
tests for half a minute, and each bot that a test starts for a second.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
