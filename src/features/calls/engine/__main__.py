"""Starts the engine: `python -m features.calls.engine`, by the desk."""

import sys

from features.calls.engine.main import main

if __name__ == "__main__":
    sys.exit(main())
