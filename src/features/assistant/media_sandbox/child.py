"""Reads one file in a process of its own: `python -m <this module> pdf 20 <FILE`.

The result goes to standard output. It imports little, so that it starts fast.
"""

import faulthandler
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from features.assistant.media_sandbox.heic import NotHeic, as_jpeg
from features.assistant.media_sandbox.pdf_text import text_of_pdf
from features.assistant.media_sandbox.transcode import NotAudio, as_ogg

#: Exit code if the file cannot be read; standard output has the reason.
UNREADABLE_EXIT_CODE = 3
#: Most memory of the process, in bytes.
MAX_MEMORY_BYTES = 512 * 1024 * 1024
#: Niceness of the process: conversations have priority.
NICENESS = 10


def _pdf(content: bytes) -> bytes:
    return text_of_pdf(content).encode("utf-8", "replace")


#: Functions that read a file, by the name of the work.
WORK: Mapping[str, Callable[[bytes], bytes]] = {"pdf": _pdf, "ogg": as_ogg, "jpeg": as_jpeg}


def main(work: str, seconds: float) -> int:
    """Read a file from standard input and return the exit code; exit after `seconds` at most."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    bound_memory()
    if sys.platform != "win32":
        os.nice(NICENESS)
    try:
        made = WORK[work](sys.stdin.buffer.read())
    except Exception as error:  # noqa: BLE001 - a file may break its reader in any way
        # Only our own messages: those of a library may quote the file.
        why = str(error) if isinstance(error, NotAudio | NotHeic) else type(error).__name__
        sys.stdout.buffer.write(why.encode())
        return UNREADABLE_EXIT_CODE
    sys.stdout.buffer.write(made)
    return 0


def bound_memory() -> None:
    """Limit the memory of this process: on Linux. macOS ignores it, Windows has no such limit."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
