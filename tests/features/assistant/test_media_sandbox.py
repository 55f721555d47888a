"""Processes that read what strangers send: how they end, and what they are not given."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import psutil
import pytest
from tests.fakes.hostile_pdfs import slow_pdf

from features.assistant.media_sandbox import child
from features.assistant.media_sandbox.pool import SandboxPool, UnreadableFile, Work


def processes() -> set[psutil.Process]:
    """The readers that are at work now."""
    return {one for one in psutil.Process().children() if _is_reader(one)}


def _is_reader(process: psutil.Process) -> bool:
    try:
        return child.__name__ in process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return False


async def at_work(count: int) -> set[psutil.Process]:
    """Once there are so many of them."""
    while len(found := processes()) != count:  # noqa: ASYNC110 - nothing tells when they start
        await asyncio.sleep(0)
    return found


@pytest.fixture
async def papers() -> AsyncIterator[list[asyncio.Task[bytes]]]:
    """Three papers that are being read, or wait for it."""
    readers, paper = SandboxPool(), slow_pdf()
    tasks = [asyncio.create_task(readers.read("pdf", paper)) for _ in range(3)]
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert processes() == set()


async def test_a_reader_ends_with_who_waits_for_it(papers: list[asyncio.Task[bytes]]) -> None:
    before = await at_work(2)
    papers[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await papers[0]
    assert len(processes() & before) == 1


async def test_two_papers_are_read_at_once_and_the_next_in_its_turn(
    papers: list[asyncio.Task[bytes]],
) -> None:
    before = await at_work(2)
    papers[0].cancel()
    while not (now := processes()) - before:
        assert len(now) <= 2
        await asyncio.sleep(0)
    assert len(now) == 2


async def test_who_waits_too_long_for_their_turn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.assistant.media_sandbox.pool.MAX_WAIT_SECONDS", 0.0)
    readers, paper = SandboxPool(), slow_pdf()
    first, second, third = (asyncio.create_task(readers.read("pdf", paper)) for _ in range(3))
    with pytest.raises(UnreadableFile, match="too long"):
        await third
    await at_work(2)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs other names")
async def test_a_reader_is_given_no_secret(
    papers: list[asyncio.Task[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WP_ACCESS_TOKEN", "a secret")
    one, _ = await at_work(2)
    assert set(one.environ()) <= {"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LC_CTYPE"}


async def test_a_reader_ends_by_itself_if_nobody_is_left_to_end_it() -> None:
    command = [sys.executable, "-m", child.__name__, "pdf", "0.5"]
    left = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE)
    assert await left.wait() == 1  # its input never ends, either


@pytest.mark.skipif(sys.platform != "linux", reason="the system has no such limit")
def test_a_reader_has_so_much_memory_and_no_more() -> None:
    most = child.MAX_MEMORY_BYTES
    code = f"from {child.__name__} import bound_memory; bound_memory(); bytearray({most})"
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert b"MemoryError" in ended.stderr


@pytest.mark.parametrize(
    ("work", "why"), [("pdf", "PdfStreamError"), ("ogg", "a recording cannot be decoded")]
)
async def test_why_a_file_is_not_read_is_told_in_words_of_ours(work: Work, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        await SandboxPool().read(work, b"%PDF-1.4 or #!AMR, and Ana's secret")


async def test_a_reader_that_breaks_down_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.assistant.media_sandbox.child.__name__", "utils.nothing_of_ours")
    with pytest.raises(UnreadableFile, match="ended with exit code 1"):
        await SandboxPool().read("pdf", b"")
