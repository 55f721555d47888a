"""`python -m app.cli`: what `watch.py` runs."""

import sys

from app.cli.commands import main
from utils.broken_pipe import exit_quietly

if __name__ == "__main__":
    with exit_quietly():
        try:
            sys.exit(main())
        except KeyboardInterrupt:
            sys.exit(130)
