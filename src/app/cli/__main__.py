"""`python -m app.cli`: what `watch.py` runs."""

import sys

from app.cli.commands import main
from utils.broken_pipe import readers_may_leave

if __name__ == "__main__":
    with readers_may_leave():
        try:
            sys.exit(main())
        except KeyboardInterrupt:
            sys.exit(130)
