"""Runs a module as `python -m` does, for as long as whoever started it lives.

The starter holds the other end of standard input. The system closes it when the starter ends, in
whatever way, and so no process is ever left behind.
"""

import os
import runpy
import sys
from threading import Thread


def _end_with_starter() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    Thread(target=_end_with_starter, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
