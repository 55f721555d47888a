"""A folder that outlives the emulator: one file of state, and a file for each long value in it."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from emulator.atomic_file import replace_privately
from emulator.kept_state import StateReader, StateWriter, UnreadableState
from utils.background import running_beside
from utils.private_files import make_private_folder

#: Seconds between two looks for changes.
SAVE_INTERVAL_SECONDS = 0.2
#: Share of the time that saving may take, so that a large state costs no more than a small one.
MAX_SHARE = 0.05
STATE_FILE = "state.json"
#: Name that a state which cannot be read gets: it is written by another version.
UNREADABLE_FILE = "state.unreadable.json"
#: What a state that cannot be read raises.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ImportError, OSError)


class StateFolder:
    """Keeps the state of `root`, one object with all that it holds."""

    def __init__(self, folder: Path, root: object) -> None:
        self._file = folder / STATE_FILE
        self._blobs = folder / "files"
        self._root = root
        self._saved = ""

    def load(self) -> bool:
        """Give the state of an earlier run to the root; return False if there was none.

        Raise one of `UNREADABLE` for one that cannot be read; the root is of no use then.
        """
        if not self._file.exists():
            return False
        text = self._file.read_text("utf-8")
        reader = StateReader(lambda name: (self._blobs / name).read_bytes())
        if reader.read(json.loads(text), self._root) is not self._root:
            raise UnreadableState("It is the state of something else.")
        self._saved = text
        return True

    def set_aside(self) -> Path:
        """Make room for a new state; return where the one before is."""
        return self._file.replace(self._file.with_name(UNREADABLE_FILE))

    async def save(self) -> None:
        """Write the state if it changed; a process that is killed leaves the one before."""
        writer = StateWriter(lambda value: hashlib.sha256(value).hexdigest())
        tree = writer.write(self._root)  # at one moment; only files are written by a thread
        await asyncio.to_thread(self._store, tree, writer.blobs)

    def _store(self, tree: object, blobs: dict[str, bytes]) -> None:
        text = json.dumps(tree)
        if text == self._saved:
            return
        make_private_folder(self._file.parent)
        make_private_folder(self._blobs)
        known = {path.name for path in self._blobs.iterdir()}
        for name in blobs.keys() - known:
            replace_privately(self._blobs / name, blobs[name])
        replace_privately(self._file, text.encode())
        self._saved = text
        for name in known - blobs.keys():
            with suppress(OSError):
                (self._blobs / name).unlink()


@asynccontextmanager
async def kept(folder: StateFolder, changes: Callable[[], object]) -> AsyncIterator[None]:
    """Save the state whenever `changes()` is not what it was, and at the end."""
    try:
        async with running_beside(_keep(folder, changes)):
            yield
    finally:
        await folder.save()


async def _keep(folder: StateFolder, changes: Callable[[], object]) -> None:
    seen: object = None
    pause = SAVE_INTERVAL_SECONDS
    while True:
        await asyncio.sleep(pause)
        if (now := changes()) == seen:
            continue
        began = time.perf_counter()
        await folder.save()
        seen = now
        pause = max(SAVE_INTERVAL_SECONDS, (time.perf_counter() - began) / MAX_SHARE)
