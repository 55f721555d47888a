"""`watch.py connect`, against the emulator over HTTP: what is asked, told and written."""

import asyncio
import stat
import sys
import textwrap
from collections import deque
from pathlib import Path

import pytest
from dotenv import dotenv_values
from tests.fakes.clinic import SECRETS, Clinic

from app.cli import commands as cli
from app.connect import command
from app.connect.command import Options
from app.connect.meta_setup import FIELDS
from app.connect.terminal import StandardTerminal
from app.connect.tunnel import TunnelError, open_tunnel
from utils.commands import CommandError

#: What is in .env before.
MINE = "# mine\nTIMEZONE=America/Bogota\n"
TOKEN, SECRET = SECRETS["access_token"], SECRETS["app_secret"]


class Typist:
    """Somebody who answers questions, and keeps what was said."""

    def __init__(self, *answers: str) -> None:
        self._answers = deque(answers)
        self.asked: list[str] = []
        self.hidden: list[str] = []
        self.lines: list[str] = []

    async def ask(self, question: str, *, is_secret: bool = False) -> str:
        (self.hidden if is_secret else self.asked).append(question)
        assert self._answers, question
        return self._answers.popleft()

    def say(self, text: str) -> None:
        self.lines.append(text)

    @property
    def told(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def new(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody who has nothing yet but a folder; `.env` of it."""
    for name in ("WP_ACCESS_TOKEN", "WP_PHONE_ID", "WP_BID", "WHATSAPP_APP_SECRET"):
        clinic.unset(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(MINE)
    return tmp_path / ".env"


def text_of(file: Path) -> str:
    return file.read_text()


def is_private(file: Path) -> bool:
    return stat.S_IMODE(file.stat().st_mode) == 0o600


async def connect(clinic: Clinic, typist: Typist, to: str | None = "") -> int:
    options = Options(url=clinic.bot.url, to=to, is_elsewhere=True)
    return await asyncio.to_thread(command.run, options, typist)


async def test_token_and_secret_are_all_that_is_asked_for(new: Path, clinic: Clinic) -> None:
    typist = Typist(TOKEN, SECRET)
    assert await connect(clinic, typist) == 0
    assert (len(typist.hidden), typist.asked) == (2, [])
    assert text_of(new).startswith(MINE)
    assert dotenv_values(new) == {
        "TIMEZONE": "America/Bogota",
        "WP_ACCESS_TOKEN": TOKEN,
        "WHATSAPP_APP_SECRET": SECRET,
        "WP_BID": clinic.config.business_account_id,
        "WP_PHONE_ID": clinic.config.phone_number_id,
    }
    assert is_private(new)
    assert f"OK    webhooks: Meta sends {len(FIELDS)} fields to {clinic.bot.url}/webhook" in (
        typist.lines
    )
    assert not [one for one in (TOKEN, SECRET) if one in typist.told]


async def test_what_is_known_is_not_asked_for_again(new: Path, clinic: Clinic) -> None:
    assert await connect(clinic, Typist(TOKEN, SECRET)) == 0
    typist = Typist()
    assert await connect(clinic, typist) == 0
    assert "OK    settings: nothing is new" in typist.lines


async def test_a_verify_token_is_made_for_who_has_none(new: Path, clinic: Clinic) -> None:
    clinic.unset("WEBHOOK_VERIFY_TOKEN")
    clinic.hook.takes_any = True
    await connect(clinic, Typist(TOKEN, SECRET))
    assert len(dotenv_values(new)["WEBHOOK_VERIFY_TOKEN"] or "") == 32


async def test_wrong_secrets_are_asked_for_again(new: Path, clinic: Clinic) -> None:
    typist = Typist("EAAsomeOtherToken", TOKEN, "another secret", SECRET)
    assert await connect(clinic, typist) == 0
    assert "System users > Generate token" in typist.told
    assert "app secret: belongs to another app than the token" in typist.told
    assert dotenv_values(new)["WHATSAPP_APP_SECRET"] == SECRET


async def test_a_number_is_registered_and_chosen_among_several(new: Path, clinic: Clinic) -> None:
    await clinic.close()
    await clinic.open(more_numbers={"100000000000002": "15550000002"})
    for name in ("WP_ACCESS_TOKEN", "WP_PHONE_ID", "WP_BID", "WHATSAPP_APP_SECRET"):
        clinic.unset(name)
    clinic.account.number.is_registered = False
    typist = Typist(TOKEN, SECRET, "5", "1", "123456")
    assert await connect(clinic, typist) == 0, typist.told
    assert dotenv_values(new)["WP_PHONE_ID"] == clinic.config.phone_number_id
    assert "Type a number from 1 to 2." in typist.lines
    assert clinic.account.number.is_registered


async def test_a_test_message_is_sent_to_whom_one_names(new: Path, clinic: Clinic) -> None:
    person = clinic.account.people.get("15551234567")
    typist = Typist(TOKEN, SECRET, "+1 (555) 123-4567")
    assert await connect(clinic, typist, to=None) == 0
    assert [one["type"] for one in person.entries] == ["template"]


async def test_an_address_that_is_not_the_bots_is_told(
    new: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.connect.steps.TRIES", 2)
    monkeypatch.setattr("app.connect.steps.PAUSE_SECONDS", 0.0)
    clinic.hook.token = "another"
    typist = Typist(TOKEN, SECRET)
    assert await connect(clinic, typist) == 1
    assert f"FAIL  address: {clinic.bot.url}/webhook does not lead to the bot" in typist.told
    assert typist.lines[-1] == command.AGAIN
    assert dotenv_values(new)["WP_ACCESS_TOKEN"] == TOKEN  # what is done stays done


async def test_without_a_terminal_it_says_what_it_would_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match=r"put the value into \.env first"):
        await StandardTerminal().ask("Number")


def test_a_bot_elsewhere_needs_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["connect", "--no-bot"])
    assert "--no-bot needs --url" in capsys.readouterr().err


def install(folder: Path, patch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """Put a program into the PATH."""
    (folder / name).write_text(f"#!{sys.executable}\n{textwrap.dedent(script)}")
    (folder / name).chmod(0o755)
    patch.setenv("PATH", str(folder), prepend=":")


TUNNEL = """
    import pathlib, signal, sys

    def end(*_):
        pathlib.Path({folder!r}, "ended").touch()
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    pathlib.Path({folder!r}, "told").write_text(" ".join(sys.argv))
    print("see https://developers.cloudflare.com", flush=True)
    print({line!r}, file=sys.stderr, flush=True)
    while True:
        signal.pause()
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ngrok", "lvl=info msg=started obj=tunnels addr=x url=https://a1.ngrok-free.app"),
        ("cloudflared", "INF |  https://two-words.trycloudflare.com  |"),
    ],
)
async def test_a_tunnel_tells_its_address_and_ends_with_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str
) -> None:
    ended = tmp_path / "ended"
    install(tmp_path, monkeypatch, name, TUNNEL.format(folder=str(tmp_path), line=line))
    async with open_tunnel(name, 5000) as address:
        assert address in line
        assert "5000" in text_of(tmp_path / "told")
        assert not await asyncio.to_thread(ended.exists)
    assert await asyncio.to_thread(ended.exists)


async def test_a_tunnel_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path, monkeypatch, "ngrok", "raise SystemExit('ERROR: ERR_NGROK_4018: no authtoken')"
    )
    with pytest.raises(TunnelError, match="no authtoken"):
        async with open_tunnel("ngrok", 5000):
            pass
