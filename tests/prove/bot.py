"""A process of the bot with the feature that counts: `python -m tests.prove.bot web` or `worker`.

Everything else is the bot as it is. The environment variable of `tests.prove.bugs` can put a bug
into its engine, to see whether the checker finds it.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from tests.prove.bugs import BUGS, VARIABLE

import features
from app.composition.features import find_features
from services.sending.outbox import SENDING_WORKER

#: Wait for a status of what was being sent by a process that was killed: short, as its leases are.
REDELIVERY_GRACE = timedelta(seconds=1)


def main(role: str) -> None:
    """Run the process until it is told to stop."""
    object.__setattr__(SENDING_WORKER, "redelivery_grace", REDELIVERY_GRACE)
    features.__path__.append(str(Path(__file__).with_name("features")))
    find_features.cache_clear()  # a fork has what the process before it found
    if name := os.environ.get(VARIABLE):
        BUGS[name].put_in()
    if role == "web":
        from app import web

        web.main()
    else:
        from app import worker

        worker.main()


if __name__ == "__main__":
    main(sys.argv[1])
