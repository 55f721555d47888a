"""A running bot follows its config file: who is answered, and with which token, changes at once."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from tests.fakes.bot import ANA, JOHN
from tests.fakes.captured_log import captured_log
from tests.fakes.database_templates import make_file
from tests.fakes.edit_run import EditRun, config
from tests.fakes.following_bot import PATIENCE, FollowingBot

from app.checks import definitions
from app.composition.app_state import AppState
from app.composition.features import settings_models
from app.reload import follower as follower_module
from app.reload import telling
from app.reload.changes import changed_names, with_kept
from app.reload.contents import digest_of
from app.reload.current_state import CurrentState
from app.reload.file_watch import FileWatch
from app.reload.follower import following, former_secret, keep_up
from config.env import Settings, load_settings
from utils.background import running_beside
from utils.digest import letters
from utils.logger import redact


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FollowingBot]:
    monkeypatch.setattr(follower_module, "ONCE_MORE_SECONDS", 0.0)
    town = FollowingBot(tmp_path)
    town.write("whatsapp: {phone_allowlist: []}")
    await town.start()
    yield town
    await town.close()


async def test_an_edit_holds_at_once_and_a_refused_one_changes_nothing(town: FollowingBot) -> None:
    assert await town.is_answered(ANA)
    first = town.state
    town.write(f"whatsapp: {{phone_allowlist: [{JOHN}]}}")
    await town.follower.look()
    assert town.state is not first
    assert not await town.is_answered(ANA)
    assert await town.is_answered(JOHN)
    in_force = town.state

    for wrong in ("whatsap: {}", "whatsapp: {phone_allowlist: [1]}", "whatsapp: ["):
        town.write(wrong)
        await town.follower.look()
        assert town.state is in_force
        assert (await town.health()).startswith("refused since")
        assert "bot.yaml:1" in await town.health()
        assert await town.is_answered(JOHN)
    town.file.unlink()
    await town.follower.look()
    assert town.state is in_force

    town.write("whatsapp: {phone_allowlist: []}")
    await town.follower.look()
    assert (await town.health()).endswith("in force")
    assert await town.is_answered(ANA)
    assert (town.reloads("applied"), town.reloads("refused")) == (2, 4)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def link_to_itself(file: Path) -> None:
    file.symlink_to(file.name)


def pipe(file: Path) -> None:
    os.mkfifo(file)


def device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def huge(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(600_000_000)


def cut_off(file: Path) -> None:
    file.touch()


@pytest.mark.parametrize("make", [link_to_itself, pipe, device, huge, Path.mkdir, cut_off])
async def test_what_is_no_file_with_settings_is_refused_and_following_goes_on(
    town: FollowingBot, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(FileWatch.__init__, "__kwdefaults__", {"poll": 0.01, "settle": 0.0})
    in_force = town.state
    status = town.follower.status
    async with running_beside(keep_up(town.follower)):
        town.file.unlink()
        make(town.file)
        await until(lambda: bool(status.problems) and "No such file" not in status.problems[0])
        assert (await town.health()).startswith("refused since")
        assert town.state is in_force
        town.file.rmdir() if town.file.is_dir() else town.file.unlink()
        town.write("bot: {human_idle_hours: 3}")
        await until(lambda: not status.problems)
    assert town.follower.running.bot.settings.human_idle_hours == 3


async def test_a_failure_of_the_follower_is_a_refusal_and_it_tries_again(
    town: FollowingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileWatch.__init__, "__kwdefaults__", {"poll": 0.01, "settle": 0.0})
    monkeypatch.setattr(follower_module, "RETRY_SECONDS", 0.01)
    load = town.follower.load
    told: list[str] = []

    def fail() -> Settings:
        town.follower.load = load
        raise RecursionError("EAAsecret")

    async def alert(problems: Sequence[str]) -> None:
        told.extend(problems)
        raise OSError("the database is away")

    monkeypatch.setattr(telling, "_alert", lambda _bot, problems, _edit: alert(problems))
    town.follower.load = fail
    town.write("bot: {human_idle_hours: 3}")
    async with running_beside(keep_up(town.follower)):
        await until(lambda: town.follower.running.bot.settings.human_idle_hours == 3)
    assert told == ["the config file cannot be put in force: RecursionError (see the log)."]
    assert town.reloads("refused") == 1


@pytest.mark.needs("checks", "file_texts")
async def test_random_edits_lose_no_message_and_mix_no_versions(tmp_path: Path) -> None:
    """A small one: `python3 watch.py bench reload` makes 200 edits."""
    bot = FollowingBot(tmp_path, STEPS_URL="http://127.0.0.1:5001/emulator/steps")
    bot.write(config(0))
    await bot.start()
    watch = FileWatch(bot.follower.files, poll=0.01, settle=0.0)
    found = await EditRun(bot, 7, watch, waits=True).run(8, per_second=20.0, longest_pause=0.0)
    await bot.close()
    assert found.messages > len(found.versions) > 1
    assert (found.lost, found.answered_twice, found.mixed, found.unnoticed) == (0, 0, 0, 0)
    assert len(found.in_force) + len(found.told) == sum(found.edits.values()) == 8


async def test_a_reload_checks_no_file_again_and_its_metrics_go_on(
    town: FollowingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await town.is_answered(ANA)
    assert town.state is not None
    counted = town.state.metrics.received["message"]._value.get()

    def check(*_: object, **__: object) -> None:
        raise AssertionError("texts are checked again")

    monkeypatch.setattr(definitions, "check", check)
    before = town.state
    town.write("bot: {human_idle_hours: 3}")
    await town.follower.look()
    assert town.state is not before
    assert await town.is_answered(JOHN)
    assert town.state.metrics.received["message"]._value.get() == counted + 1


@pytest.mark.needs("checks")
async def test_a_file_that_the_config_names_counts_as_well(town: FollowingBot) -> None:
    schema = town.file.with_name("intent.json")
    schema.write_text('{"type": "object"}')
    town.write("checks: {classify: {prompt: x, schema: intent.json}}")
    await town.follower.look()
    in_force = town.state
    assert schema in [*town.follower.files()]
    schema.write_text('{"type": "nonsense"}')
    await town.follower.look()
    assert town.state is in_force
    assert "bot.yaml:1: checks.classify.schema" in await town.health()
    schema.write_text('{"type": "array"}')
    await town.follower.look()
    assert town.state is not in_force


@pytest.mark.needs("checks")
async def test_a_refused_file_is_read_again_since_another_may_be_mended(
    town: FollowingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody follows a file that only a refused one names."""
    monkeypatch.setattr(FileWatch.__init__, "__kwdefaults__", {"poll": 0.01, "settle": 0.0})
    monkeypatch.setattr(follower_module, "AGAIN_SECONDS", 0.01)
    schema = town.file.with_name("intent.json")
    schema.write_text('{"type": "nonsense"}')
    in_force = town.state
    async with running_beside(keep_up(town.follower)):
        town.write("checks: {classify: {prompt: x, schema: intent.json}}")
        await until(lambda: bool(town.follower.status.problems))
        assert schema not in [*town.follower.files()]
        schema.write_text('{"type": "array"}')
        await until(lambda: not town.follower.status.problems)
    assert town.state is not in_force
    assert (town.reloads("applied"), town.reloads("refused")) == (1, 1)


async def test_a_file_with_users_counts_as_well(tmp_path: Path) -> None:
    users = tmp_path / "users.json"
    users.write_text('[{"phone": "+573001112233", "role": "staff"}]')
    town = FollowingBot(tmp_path, USERS=str(users))
    town.write('version: "1"')
    await town.start()
    assert users in town.follower.files()
    users.write_text('[{"phone": "+573001112233", "role": "admin"}]')
    await town.follower.look()
    assert [one.role for one in town.follower.running.bot.settings.users] == ["admin"]
    await town.close()


async def test_the_same_settings_are_no_reload(town: FollowingBot) -> None:
    before = town.state
    town.write("# a comment\nwhatsapp: {phone_allowlist: []}\n")
    await town.follower.look()
    assert town.state is before
    assert town.reloads("unchanged") == 1
    assert digest_of(town.load()) in await town.health()


async def test_what_needs_a_restart_is_named_and_the_rest_holds(town: FollowingBot) -> None:
    town.write("whatsapp: {port: 1234}\nbot: {human_idle_hours: 3}")
    await town.follower.look()
    settings = town.follower.running.bot.settings
    assert (settings.port, settings.human_idle_hours) == (5000, 3)


async def test_an_operator_is_told_once_of_a_refused_file(
    town: FollowingBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    extensions = town.follower.running.bot.parts.context.extensions
    extensions.alerts[:] = [lambda text, _key: told.append(text) or ()]  # type: ignore[func-returns-value]
    town.write("whatsap: {}")
    await town.follower.look()
    await town.follower.look()
    assert len(told) == 1
    assert "bot.yaml:1: whatsap: unknown section" in told[0]


async def test_each_refused_edit_is_told_and_the_same_one_once(town: FollowingBot) -> None:
    with captured_log("ERROR") as log:
        for text in ("whatsap: {}", "whatsap: {}", "whatsap: {} # again", "whatsap: {}"):
            town.write(text)
            await town.follower.look()
    assert log.getvalue().count("bot.yaml:1: whatsap: unknown section") == 3
    assert town.reloads("refused") == 3


@pytest.mark.needs("assistant")
async def test_each_edit_is_told_with_its_warnings_and_the_phone_page_shows_new_ones(
    tmp_path: Path,
) -> None:
    town = FollowingBot(tmp_path, STEPS_URL="http://127.0.0.1:5001/emulator/steps")
    town.write("ai: {api_key: sk-something}")
    await town.start()
    ignored = "bot.yaml:2: github: ignored: no part of the bot reads this section."
    with captured_log("INFO") as log:
        town.write("ai: {api_key: sk-something}\ngithub: {}")  # changes no setting
        for _ in range(2):
            await town.follower.look()
        assert log.getvalue().count(ignored) == 1
        assert log.getvalue().count("a secret in clear") == 1
        assert f"config {digest_of(town.load())} in force: as before" in log.getvalue()
        shown = town.account.bot.shown()["error"]
        assert ignored in shown["text"]
        assert "a secret in clear" not in shown["text"]
        town.write("ai: {api_key: sk-something}\ngithub: {}\nbot: {human_idle_hours: 3}")
        await town.follower.look()
    assert log.getvalue().count(ignored) == 2
    assert town.account.bot.shown()["error"] is None
    await town.close()


def test_the_log_shows_the_hash_of_any_file() -> None:
    for number in range(200):
        name = letters(f"{number}".encode())
        assert redact(f"config {name} in force") == f"config {name} in force"


def settings_of(**given: str) -> Settings:
    base = {
        "WP_ACCESS_TOKEN": "EAAtoken",
        "WP_PHONE_ID": "100000000000001",
        "WEBHOOK_VERIFY_TOKEN": "words",
        "WHATSAPP_APP_SECRET": "signing",
    }
    return load_settings({**base, **given}, Path(os.devnull), settings_models())


def test_changes_are_named_and_never_their_values() -> None:
    old, new = settings_of(), settings_of(WP_ACCESS_TOKEN="EAAother", PORT="1", LOG_LEVEL="DEBUG")
    assert changed_names(old, new) == ["WP_ACCESS_TOKEN", "PORT", "LOG_LEVEL"]
    kept, names = with_kept(old, new)
    assert names == ["PORT"]
    assert (kept.port, kept.log_level) == (5000, "DEBUG")
    assert changed_names(old, kept) == ["WP_ACCESS_TOKEN", "LOG_LEVEL"]


def test_the_former_app_secret_is_known_only_after_a_change() -> None:
    old, new = settings_of(), settings_of(WHATSAPP_APP_SECRET="newer")
    assert former_secret(old, new) == "signing"
    assert former_secret(old, old) is None
    assert former_secret(None, new) is None


def rename(file: Path) -> None:
    """As editors save."""
    other = file.with_suffix(".new")
    other.write_text("b: 2")
    other.replace(file)


def write_again(file: Path) -> None:
    file.write_text("longer: text")


def delete_and_create(file: Path) -> None:
    file.unlink()
    file.write_text("c: 3")


def move_link(file: Path) -> None:
    """As Kubernetes changes a file of a ConfigMap."""
    data = file.parent / "..data"
    newer = file.parent / "..newer"
    (file.parent / "v2").mkdir()
    (file.parent / "v2" / file.name).write_text("d: 4")
    newer.symlink_to("v2")
    newer.replace(data)


def touch(file: Path) -> None:
    """As `watch.py config reload`."""
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1_000_000))


@pytest.mark.parametrize("change", [rename, write_again, delete_and_create, move_link, touch])
async def test_a_change_is_noticed_however_it_is_made(tmp_path: Path, change: Any) -> None:
    file = tmp_path / "bot.yaml"
    if change is move_link:
        (tmp_path / "v1").mkdir()
        (tmp_path / "v1" / "bot.yaml").write_text("a: 1")
        (tmp_path / "..data").symlink_to("v1")
        file.symlink_to("..data/bot.yaml")
    else:
        file.write_text("a: 1")
    watch = FileWatch(lambda: [file], poll=0.001, settle=0.0)
    waiting = asyncio.create_task(watch.changed())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    change(file)
    async with asyncio.timeout(PATIENCE):
        await waiting


async def test_a_file_has_to_stay_as_it_is_from_its_last_change_on(tmp_path: Path) -> None:
    now, file = [0.0], tmp_path / "bot.yaml"
    file.write_text("a: 1")

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] < 0.5:  # somebody writes slowly
            file.write_text(f"a: {now[0]}")

    watch = FileWatch(lambda: [file], lambda: now[0], sleep, poll=0.25, settle=0.5)
    watch.look_now()
    file.write_text("a: half")
    await watch.changed()
    assert now[0] == 0.75  # half a second after the change at 0.25


async def test_a_look_can_be_asked_for(tmp_path: Path) -> None:
    watch = FileWatch(lambda: [tmp_path / "gone"], poll=PATIENCE, settle=0.0)
    watch.look_now()
    async with asyncio.timeout(PATIENCE / 2):
        await watch.changed()


async def test_requests_find_the_parts_in_force() -> None:
    app = FastAPI()

    @app.get("/")
    def who(request: Request) -> str:
        return str(request.state.name)

    class Parts:
        def __init__(self, name: str) -> None:
            self.name = name

        def by_name(self) -> Mapping[str, Any]:
            return {"name": self.name}

    current = CurrentState()
    current.install(app)
    assert app.state.start.keywords == {"use_state": current.use}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        for name in ("one", "two"):
            current.use(Parts(name))  # type: ignore[arg-type] # only the names count
            assert (await http.get("/")).json() == name


async def test_a_process_with_a_file_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole process, with its watch of the file."""
    monkeypatch.setattr(FileWatch.__init__, "__kwdefaults__", {"poll": 0.01, "settle": 0.0})
    file = tmp_path / "bot.yaml"
    file.write_text("bot: {human_idle_hours: 2}")
    make_file(tmp_path / "bot.db")
    given = {
        **{name: value for name, value in os.environ.items() if name == "PATH"},
        "BOT_CONFIG": str(file),
        "WP_ACCESS_TOKEN": "EAAtoken",
        "WP_PHONE_ID": "100000000000001",
        "WEBHOOK_VERIFY_TOKEN": "words",
        "WHATSAPP_APP_SECRET": "signing",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
        "GRAPH_API_URL": "http://127.0.0.1:9",
    }
    monkeypatch.setattr(os, "environ", given)
    states: asyncio.Queue[AppState] = asyncio.Queue()
    settings = load_settings(given, Path(os.devnull), settings_models())
    async with following(settings, states.put_nowait), asyncio.timeout(PATIENCE):
        first = await states.get()
        file.write_text("bot: {human_idle_hours: 3}")
        assert await states.get() is not first
    assert settings.human_idle == timedelta(hours=2)
