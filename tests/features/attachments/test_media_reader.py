"""Reading documents keeps no thread and no process."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from tests.fakes.hostile_pdfs import slow_pdf

from domain.inbound import Attachment
from features.assistant.media import UnreadableMedia
from features.assistant.media_sandbox import child
from features.attachments.media_reader import MediaReader

PAPER = Attachment("document", "1", "application/pdf")


class SlowPapers:
    """Everything that is fetched keeps its reader busy for minutes."""

    async def size(self, media_id: str, *, most: int) -> int:
        return most

    async def fetch(self, media_id: str, *, most: int) -> bytes:
        return slow_pdf()


def processes() -> set[psutil.Process]:
    """The readers that are at work now."""
    return {one for one in psutil.Process().children() if _is_reader(one)}


def _is_reader(process: psutil.Process) -> bool:
    try:
        return child.__name__ in process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return False


async def test_a_slow_paper_keeps_no_thread_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads also carry uploads and calls to Airtable, and are waited for at the end."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    monkeypatch.setattr("features.assistant.media_sandbox.pool.MAX_READ_SECONDS", 0.5)
    with pytest.raises(UnreadableMedia):
        await MediaReader(SlowPapers()).read(PAPER)
    assert processes() == set()
    async with asyncio.timeout(5):
        assert await asyncio.to_thread(lambda: "there is a thread") == "there is a thread"
