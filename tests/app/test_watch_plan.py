"""What watch.py decides to run: ports, the emulator, and the settings of both."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from filelock import FileLock

from app.development.banner import welcome
from app.development.plan import EMULATED_ACCOUNT, Plan, make_plan
from app.development.ports import PortTaken, choose_port, is_free
from app.development.programs import Program
from app.development.supervisor import EMULATOR_FILE, EMULATOR_LOCK, main
from config.env import SettingsError
from emulator.cloud_api.config import Config

NO_FILE = Path("there-is-no-such-file")
REAL = {
    "WP_PHONE_ID": "1",
    "WEBHOOK_VERIFY_TOKEN": "words",
    "WHATSAPP_APP_SECRET": "signing",
}


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def plan(env_file: Path = NO_FILE, /, **environ: str) -> Plan:
    return make_plan({"HOST": "127.0.0.1", **environ}, env_file)


def emulator_of(made: Plan) -> Program:
    assert made.emulator is not None
    return made.emulator


def test_a_busy_port_is_not_free(busy_port: int) -> None:
    assert not is_free("127.0.0.1", busy_port)


def test_the_next_free_port_is_chosen_when_the_wanted_one_is_busy(busy_port: int) -> None:
    assert choose_port("127.0.0.1", busy_port) > busy_port


def test_a_port_promised_to_another_is_not_chosen(busy_port: int) -> None:
    free = choose_port("127.0.0.1", busy_port)
    assert choose_port("127.0.0.1", busy_port, taken={free}) > free


def test_a_port_that_was_asked_for_is_never_replaced(busy_port: int) -> None:
    with pytest.raises(PortTaken, match=f"Port {busy_port} is in use"):
        plan(PORT=str(busy_port))


def test_a_port_that_a_bot_serves_is_told_as_such() -> None:
    class Alive(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health/live" else 404)
            self.end_headers()
            self.wfile.write(b'{"status":"ok"}')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(PortTaken, match=r"in use by a bot that is running\. Stop that bot"):
            plan(PORT=str(server.server_port))
        server.shutdown()


def test_the_port_of_the_bot_that_runs_here_is_told_as_such(
    busy_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(busy_port))
    assert main() == 2
    assert f"Port {busy_port} is in use by another program." in capsys.readouterr().err
    EMULATOR_LOCK.parent.mkdir()
    EMULATOR_FILE.write_text('{"url": "http://127.0.0.1:5001"}')
    with FileLock(EMULATOR_LOCK):
        assert main() == 2
    told = capsys.readouterr().err
    assert "already running, with its emulator at http://127.0.0.1:5001." in told


def test_a_port_asked_for_by_its_other_name_is_never_replaced(busy_port: int) -> None:
    with pytest.raises(PortTaken):
        plan(WHATSAPP_WEBHOOK_PORT=str(busy_port))


def test_the_emulator_gets_the_port_that_was_asked_for(tmp_path: Path) -> None:
    free = choose_port("127.0.0.1", 20_450)
    assert emulator_of(plan(EMULATOR_PORT=str(free))).url == f"http://127.0.0.1:{free}"
    (tmp_path / ".env").write_text(f"EMULATOR_PORT={free}\nEMULATOR_WINDOW_SECONDS=0\n")
    emulator = emulator_of(plan(tmp_path / ".env"))
    assert emulator.environment["EMULATOR_PORT"] == str(free)
    assert emulator.environment["EMULATOR_WINDOW_SECONDS"] == "0"


def test_a_port_of_the_emulator_that_is_taken_is_never_replaced(busy_port: int) -> None:
    with pytest.raises(PortTaken, match=f"Port {busy_port} is in use.* set EMULATOR_PORT to"):
        plan(EMULATOR_PORT=str(busy_port))


def test_the_bot_leaves_the_port_of_the_emulator_to_it() -> None:
    made = plan(EMULATOR_PORT=(free := str(choose_port("127.0.0.1", 5000))))
    assert emulator_of(made).url == f"http://127.0.0.1:{free}"
    assert made.bot.environment["PORT"] != free
    with pytest.raises(SettingsError, match=f"PORT and EMULATOR_PORT are both {free}"):
        plan(EMULATOR_PORT=free, PORT=free)


@pytest.mark.parametrize("port", ["phone", "0", "70000", "-1"])
def test_a_port_of_the_emulator_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingsError, match=f"EMULATOR_PORT: {port} is not a port"):
        plan(EMULATOR_PORT=port)


def test_without_a_token_the_emulator_stands_in_for_meta() -> None:
    made = plan()
    assert made.emulator is not None
    assert made.bot.environment["GRAPH_API_URL"] == made.emulator.url
    assert made.bot.environment["STEPS_URL"] == f"{made.emulator.url}/emulator/steps"
    callback = made.emulator.environment["EMULATOR_CALLBACK_URL"]
    assert callback == f"{made.bot.url}/webhook"


def test_bot_and_emulator_share_one_account() -> None:
    made = plan()
    assert made.emulator is not None
    for ours, theirs in (
        ("WP_ACCESS_TOKEN", "EMULATOR_ACCESS_TOKEN"),
        ("WP_PHONE_ID", "EMULATOR_PHONE_NUMBER_ID"),
        ("WEBHOOK_VERIFY_TOKEN", "EMULATOR_VERIFY_TOKEN"),
        ("WHATSAPP_APP_SECRET", "EMULATOR_APP_SECRET"),
    ):
        assert made.bot.environment[ours] == made.emulator.environment[theirs]


def test_secrets_of_the_emulator_are_the_same_at_every_start() -> None:
    first, second = (plan().bot.environment for _ in range(2))
    assert all(first[name] == second[name] == value for name, value in EMULATED_ACCOUNT.items())


def test_the_emulator_alone_has_the_account_of_the_plan() -> None:
    alone = Config()
    expected = {
        "WP_ACCESS_TOKEN": alone.access_token,
        "WP_PHONE_ID": alone.phone_number_id,
        "WP_BID": alone.business_account_id,
        "WEBHOOK_VERIFY_TOKEN": alone.verify_token,
        "WHATSAPP_APP_SECRET": alone.app_secret,
    }
    assert expected == EMULATED_ACCOUNT


def test_the_emulated_number_stays_since_conversations_belong_to_it() -> None:
    assert plan().bot.environment["WP_PHONE_ID"] == plan().bot.environment["WP_PHONE_ID"]


def test_a_verify_token_that_was_given_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WHATSAPP_VERIFY_TOKEN=words")
    assert plan(tmp_path / ".env").bot.environment["WEBHOOK_VERIFY_TOKEN"] == "words"


def test_an_example_file_that_was_copied_as_it_is_counts_as_none() -> None:
    example = Path(__file__).parents[2] / ".env-example"
    assert plan(example).emulator is not None


@pytest.mark.parametrize("name", ["WP_ACCESS_TOKEN", "WHATSAPP_TOKEN"])
def test_with_a_token_the_bot_talks_to_meta(name: str) -> None:
    made = plan(**REAL, **{name: "EAAtoken"})
    assert made.emulator is None
    assert "GRAPH_API_URL" not in made.bot.environment


def test_a_token_in_the_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WP_ACCESS_TOKEN=EAAtoken")
    assert plan(tmp_path / ".env", **REAL).emulator is None


def test_half_an_account_is_refused_before_anything_starts() -> None:
    with pytest.raises(SettingsError, match="WP_PHONE_ID"):
        plan(WP_ACCESS_TOKEN="EAAtoken")


def test_a_bot_with_known_secrets_listens_on_this_machine_only() -> None:
    real = {**REAL, "WP_ACCESS_TOKEN": "EAAtoken"}
    assert make_plan({}, NO_FILE).bot.environment["HOST"] == "127.0.0.1"
    assert make_plan({"HOST": "0.0.0.0"}, NO_FILE).bot.environment["HOST"] == "0.0.0.0"
    assert "HOST" not in make_plan(real, NO_FILE).bot.environment


def test_a_bot_that_listens_everywhere_is_reached_on_this_machine() -> None:
    assert plan(HOST="0.0.0.0").bot.url.startswith("http://127.0.0.1:")


def test_the_bot_runs_in_development() -> None:
    assert plan().bot.environment["ENVIRONMENT"] == "development"
    assert plan(ENVIRONMENT="").bot.environment["ENVIRONMENT"] == "development"
    assert plan(ENVIRONMENT="production").bot.environment["ENVIRONMENT"] == "production"


def test_the_welcome_shows_where_and_how_and_no_secret_of_the_developer() -> None:
    made = plan(
        DATABASE_URL="postgresql://bot:db-password@host/bot", WHATSAPP_APP_SECRET="app-words"
    )
    shown = welcome(made)
    assert f"{made.bot.url}/webhook" in shown
    assert "python3 watch.py chat" in shown
    assert "db-password" not in shown
    assert "app-words" not in shown
    assert re.search(r"App secret +yours, from WHATSAPP_APP_SECRET ", shown)


def test_the_welcome_shows_the_emulated_account() -> None:
    shown = welcome(plan())
    assert re.search(r"Access token +dev-access-token ", shown)
    assert re.search(r"Verify token +dev-verify-token ", shown)
    assert re.search(r"App secret +dev-app-secret ", shown)
    assert re.search(r"Phone number id +100000000000001 ", shown)


def test_the_welcome_says_that_meta_is_real() -> None:
    shown = welcome(plan(**REAL, WP_ACCESS_TOKEN="EAAtoken"))
    assert "real, https://graph.facebook.com" in shown
    assert "watch.py chat" not in shown


def test_the_welcome_is_a_box() -> None:
    assert len({len(line) for line in welcome(plan()).splitlines()}) == 1


def test_the_welcome_says_why_the_port_is_another_one() -> None:
    made = plan()
    moved = replace(made, bot=replace(made.bot, url="http://127.0.0.1:5099"))
    assert "http://127.0.0.1:5099/webhook (port 5000 is in use)" in welcome(moved)
