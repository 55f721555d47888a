"""Many large photos at once: the process stays within its memory, and answers everybody."""

import sys

import pytest
from tests.features.attachments.benchmark import PHOTO, flooded

from services.agent import COPIES_OF_PICTURE
from utils.byte_budget import MAX_FILE_MEMORY_BYTES

MEGABYTE = 1024**2


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and limits a process")
@pytest.mark.timeout(300)
async def test_photos_sent_at_once_do_not_end_the_process() -> None:
    """All of them together would need more memory than the process may have.

    The limit counts memory that may be written to, the stacks of threads among it.
    """
    people, budget = 16, MAX_FILE_MEMORY_BYTES / MEGABYTE
    needed = people * len(PHOTO) * COPIES_OF_PICTURE / MEGABYTE
    more = int(budget + 180)
    assert needed > more
    flood = await flooded(people, more_megabytes=more)
    assert flood.answered == people
    assert flood.peak - flood.before < budget + 70
