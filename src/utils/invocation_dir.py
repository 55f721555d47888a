"""The folder that `watch.py` was started from: file names of its arguments are relative to it."""

import os
from pathlib import Path

#: Environment variable that `watch.py` sets to the folder it was started from.
NAME = "WATCH_STARTED_FROM"


def resolve(name: str) -> Path:
    """Return the path of a file name from the command line."""
    return Path(os.environ.get(NAME, "")) / name
