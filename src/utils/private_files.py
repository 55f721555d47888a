"""Files that hold what people wrote: only their owner may read them, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def make_private(file: Path) -> None:
    """Create a file that only its owner may read, or take everybody else's rights to it away.

    One that cannot be changed, say because another user owns it, is left as it is.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, FILE_MODE))
        restrict(file)


def restrict(file: Path) -> None:
    """Let nobody but its owner read a file, if there is one."""
    with suppress(OSError):
        if file.stat().st_mode & 0o077:
            file.chmod(FILE_MODE)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner may enter; one that exists is left as it is."""
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
