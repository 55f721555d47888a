"""Where `watch.py` was started: it works in its own folder, and people name files from theirs."""

import os
from pathlib import Path

#: `watch.py` puts it there.
NAME = "WATCH_STARTED_FROM"


def resolve(name: str) -> Path:
    """The file that somebody meant by a name on the command line."""
    return Path(os.environ.get(NAME, "")) / name
