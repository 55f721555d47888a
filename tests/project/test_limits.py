"""The core stays readable; docs/decisions/0022-what-small-means.md has the reasons."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from tests.fakes.bot import BotHarness
from tests.fakes.imports import imports_of, modules_in

from app.cli.project_map import BESIDE_THE_CORE, OF_FEATURES, UNDERSTANDING, is_in, kernel_lines

SOURCE = Path(__file__).parents[2] / "src"
#: Lines of the core without what understands languages, and without migrations.
MAX_KERNEL_LINES = 26_500
#: Modules of the core in which something runs between a "hello" and its answer.
MAX_HELLO_MODULES = 113
MAX_MODULE_LINES = 250
#: A class with one method for each request of the Cloud API, which is read method by method.
LONG_MODULES = {"services/whatsapp_service.py"}


def test_the_core_has_so_many_lines() -> None:
    assert kernel_lines(SOURCE) <= MAX_KERNEL_LINES


def test_what_is_left_out_of_the_count_is_there() -> None:
    assert [
        name
        for name in (*BESIDE_THE_CORE, *UNDERSTANDING)
        if name not in OF_FEATURES and not (SOURCE / name).exists()
    ] == []


def test_no_module_of_the_core_is_long() -> None:
    lengths = {
        path.relative_to(SOURCE).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in core_files()
    }
    assert {name for name, count in lengths.items() if count > MAX_MODULE_LINES} <= LONG_MODULES


def test_a_process_needs_every_module_of_the_core() -> None:
    """What only features, commands or tests use is no part of it."""
    modules = modules_in(SOURCE)
    names = {path: name for name, path in modules.items()}
    core = {names[path] for path in core_files()}
    found = {"app.web", "app.worker"} | {name for name in core if is_found_by_name(name)}
    waiting = [*found]
    while waiting:
        for name in imports_of(modules[waiting.pop()], modules):
            packages = [name[:end] for end in range(len(name)) if name[end] == "."]
            new = {*packages, name}.intersection(modules).difference(found)
            found |= new
            waiting += [one for one in new if one in core or one.startswith("app.checks")]
    assert sorted(core - found) == []


def is_found_by_name(name: str) -> bool:
    """Whether files are looked for in the folder of a module."""
    return name.startswith(("flows", "storage.tables", "storage.migrations"))


async def test_a_hello_passes_through_so_many_modules(tmp_path: Path) -> None:
    core = {str(path) for path in core_files()}
    hellos: list[set[str]] = [set()]

    def note(frame: FrameType, event: str, _argument: object) -> None:
        hellos[-1].add(frame.f_code.co_filename)

    bot = BotHarness(tmp_path)
    threading.setprofile(note)  # on a busy machine, a thread runs the transactions
    try:
        await bot.start()
        await bot.say("hello")  # is introduced to the bot
        for _ in range(4):  # what is done now and then, such as to renew a share, is not in all
            hellos.append(set())
            sys.setprofile(note)
            assert await bot.say("hello")
            sys.setprofile(None)
        await bot.stop()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    passed = set.intersection(*hellos[1:]) & core
    assert 50 < len(passed) <= MAX_HELLO_MODULES, sorted(passed)


def core_files() -> Iterator[Path]:
    """Yield the files that every process needs."""
    files = SOURCE.rglob("*.py")
    return (path for path in files if not is_in(path, SOURCE, BESIDE_THE_CORE))
