"""Folders that last as long as a process of the tests."""

import atexit
import shutil
import tempfile
from pathlib import Path

_made: list[Path] = []


def make_folder(name: str) -> Path:
    """Return a new folder, which is deleted at the end of the process."""
    _made.append(Path(tempfile.mkdtemp(prefix=f"{name}-")))
    return _made[-1]


@atexit.register
def delete_folders() -> None:
    """Delete them; called at the end of a session as well, since workers of xdist just stop."""
    while _made:
        shutil.rmtree(_made.pop(), ignore_errors=True)
