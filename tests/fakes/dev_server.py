"""The bot and the emulator as processes of their own, talking over HTTP."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.fakes.database_templates import make_file
from tests.fakes.fork_server import Program, start_program
from tests.sample.copying import sample_source

from app.development.plan import EMULATED_AIRTABLE, EMULATED_FILES, EMULATED_INBOX
from emulator.cloud_api.config import Config

#: Longest start of an emulator on a busy machine, in seconds.
START_SECONDS = 60
SOURCE = Path(__file__).parents[2] / "src"
ANA = "573001234567"
SECRETS = {
    "WP_ACCESS_TOKEN": "EAAcceptanceAccessToken0123456789",
    "WEBHOOK_VERIFY_TOKEN": "acceptance-verify-token",
    "WHATSAPP_APP_SECRET": "acceptance-app-secret",
}

AS_THE_BOT = {
    "Authorization": f"Bearer {SECRETS['WP_ACCESS_TOKEN']}",
    "Content-Type": "application/json",
}
PHONE_NUMBER_ID = "100000000000001"
#: A busy machine may take half a minute to start a process, and only a failure waits so long.
LIMIT_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class DevServer:
    """A folder with a database, an emulator, and a bot that can be killed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.bot_port, self._emulator_port = free_port(), free_port()
        self.emulator_url = f"http://127.0.0.1:{self._emulator_port}"
        self.log = folder / "log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WP_")},
            **SECRETS,
            "PYTHONPATH": str(sample_source()),
            "WP_PHONE_ID": PHONE_NUMBER_ID,
            "BURST_PAUSE_SECONDS": "0",
            "WP_BID": Config().business_account_id,
            "GRAPH_API_URL": f"http://127.0.0.1:{self._emulator_port}",
            **EMULATED_AIRTABLE,
            **EMULATED_INBOX,
            **EMULATED_FILES,
            "AIRTABLE_API_URL": f"{self.emulator_url}/airtable-api",
            "OPENAI_BASE_URL": f"{self.emulator_url}/openai/v1",
            "AIRTABLE_WEBHOOK_URL": f"http://127.0.0.1:{self.bot_port}/airtable/webhook",
            "STEPS_URL": f"{self.emulator_url}/emulator/steps",
            "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
            "LOG_LEVEL": "DEBUG",
            "HOST": "127.0.0.1",
            "PORT": str(self.bot_port),
            "EMULATOR_PORT": str(self._emulator_port),
            "EMULATOR_STATE_FOLDER": str(folder / "whatsapp"),
            "EMULATOR_CALLBACK_URL": f"http://127.0.0.1:{self.bot_port}/webhook",
            "EMULATOR_ACCESS_TOKEN": SECRETS["WP_ACCESS_TOKEN"],
            "EMULATOR_APP_SECRET": SECRETS["WHATSAPP_APP_SECRET"],
            "EMULATOR_VERIFY_TOKEN": SECRETS["WEBHOOK_VERIFY_TOKEN"],
            **settings,
        }
        self._more: list[Program] = []
        make_file(folder / "bot.db")  # the bot would take a second for its migrations
        self.start_emulator()
        self.start_bot()

    def start_emulator(self) -> None:
        self._emulator = self._start("emulator")

    def stop_emulator(self) -> None:
        """As Ctrl-C in its terminal does."""
        self._emulator.send_signal(signal.SIGINT)
        self._emulator.wait(60)

    def kill_emulator(self, *, once_it_kept: str) -> None:
        """Kill it when a text is in the file of its state."""
        state = self.folder / "whatsapp/state.json"
        self.wait_until(lambda: state.exists() and once_it_kept in state.read_text())
        self._emulator.kill()
        self._emulator.wait()

    def start_bot(self) -> None:
        self._bot = self._start("app.web")

    def start_another_bot(self) -> int:
        """Start one more process of the bot, with the same database. Return its port."""
        port = free_port()
        self._more.append(self._start("app.web", PORT=str(port)))
        self.wait_until(lambda: is_served(port))
        return port

    def _start(self, module: str, **settings: str) -> Program:
        environment = {**self._environment, **settings}
        if environment["PYTHONPATH"] == str(sample_source()):
            return start_program(module, environment=environment, folder=self.folder, log=self.log)
        with self.log.open("ab") as log:  # a copy that runs once is not worth a server
            return subprocess.Popen(
                [sys.executable, "-m", module],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def break_flow(self, name: str, error: str, *, environment: str = "development") -> None:
        """Let the next bots run a copy of the source, in which a flow raises at its end.

        It declares what it says, so that no dry run finds the error at the start.
        """
        source = self._copy_source()
        flow = source / f"flows/{name}.py"
        broken = rf"\1    raise RuntimeError({error!r})\n"
        code = re.sub(r"(def finish\(.*:\n)", broken, flow.read_text())
        flow.write_text(code.replace("    finish=finish,\n", "    finish=finish,\n    says=(),\n"))
        self._environment |= {"PYTHONPATH": str(source), "ENVIRONMENT": environment}

    def add_flow(self, name: str, code: str, texts: str) -> None:
        """Let the next bots run a copy of the source with one more flow."""
        source = self._copy_source()
        (source / f"flows/{name}.py").write_text(code)
        for language in source.glob("texts/*.toml"):
            language.write_text(f"{language.read_text()}\n{texts}")
        self._environment |= {"PYTHONPATH": str(source)}

    def _copy_source(self) -> Path:
        source = self.folder / "src"
        shutil.copytree(sample_source(), source, ignore=shutil.ignore_patterns("__pycache__"))
        return source

    def develop(self) -> None:
        """Start the bot again, as `watch.py` does for a developer."""
        self.wait_for_emulator()
        self.kill_bot()
        self._environment["ENVIRONMENT"] = "development"
        self.start_bot()

    def bot_status(self) -> dict[str, Any]:
        """What the emulator knows of the bot."""
        status: dict[str, Any] = self._ask("/emulator/bot")
        return status

    def tell_of_bot(self, status: dict[str, Any]) -> None:
        """Tell the emulator what `watch.py` tells it of the bot."""
        self._ask("/emulator/bot", json.dumps(status).encode())

    def kill_bot(self) -> None:
        self._bot.kill()
        self._bot.wait()

    def signal_bot(self, number: int) -> Program:
        """Send a signal to the bot. Return its process, which may go on with another program."""
        self._bot.send_signal(number)
        return self._bot

    def stop_bot(self) -> int:
        self._bot.send_signal(signal.SIGTERM)
        return self._bot.wait(60)

    def say(self, text: str, who: str = ANA) -> int:
        """Returns the number of the message in the conversation."""
        body = json.dumps({"text": text, "name": "Ana Secreta"}).encode()
        entry = self._ask(f"/emulator/contacts/{who}/messages", body)
        return int(entry["number"])

    def send_file(self, content: bytes, mime_type: str, who: str = ANA) -> None:
        """Send a file as a person."""
        url = f"{self.emulator_url}/emulator/contacts/{who}/files"
        headers = {"Content-Type": mime_type}
        with urllib.request.urlopen(urllib.request.Request(url, content, headers)) as answer:
            answer.read()

    def reply_after(self, number: int, start: str = "") -> str:
        """The first thing that the bot says after a message.

        With `start`, the first that begins so: a killed bot may say its last words again.
        """
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            for text in self.said_after(number, wait=5):
                if text.startswith(start):
                    return text
        raise TimeoutError(self.log.read_text())

    def said_after(self, number: int, *, wait: int = 0) -> list[str]:
        """Everything that the bot said after a message, waited for if there is nothing yet."""
        path = f"/emulator/contacts/{ANA}/messages?after={number}&wait={wait}"
        said: list[str] = []
        for entry in self._ask(path):
            if entry["from"] == "bot" and entry["type"] in ("text", "interactive"):
                body = entry[entry["type"]]["body"]
                said.append(str(body["text"] if isinstance(body, dict) else body))
        return said

    def talk(self, text: str, start: str = "") -> str:
        return self.reply_after(self.say(text), start)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What operators see of a table, by the names of its fields."""
        found = [one for one in self.tables() if one["name"] == table]
        if not found:
            return []
        names = {field["id"]: field["name"] for field in found[0]["fields"]}
        records = self._ask(f"/emulator/airtable/{found[0]['id']}/records")["records"]
        return [{names[key]: value for key, value in one["cells"].items()} for one in records]

    def tables(self) -> list[dict[str, Any]]:
        """What the operators' base has."""
        tables: list[dict[str, Any]] = self._ask("/emulator/airtable")["tables"]
        return tables

    def add_row(self, table: str, **cells: str) -> None:
        """Add a record, as operators do."""
        [found] = [one for one in self.tables() if one["name"] == table]
        self._ask(f"/emulator/airtable/{found['id']}/records", json.dumps(cells).encode())

    def exchanges(self) -> list[dict[str, Any]]:
        """Everything that went between the bot and the emulator."""
        found: list[dict[str, Any]] = self._ask("/emulator/exchanges")["exchanges"]
        return found

    def ask_text(self, path: str) -> str:
        """An answer of the emulator that is not JSON."""
        with urllib.request.urlopen(self.emulator_url + path) as answer:
            text: str = answer.read().decode()
        return text

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something has happened."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(self.log.read_text())
            time.sleep(0.05)

    def send(self, wa_id: str, message: dict[str, Any]) -> None:
        """Send something as the business, past the bot."""
        body = {"messaging_product": "whatsapp", "to": f"+{wa_id}", **message}
        self._ask(f"/v25.0/{PHONE_NUMBER_ID}/messages", json.dumps(body).encode())

    def chat(self, *lines: str) -> str:
        """What a terminal shows when these lines are typed."""
        return self.command("emulator.cli.chat", "--from", "+15551234567", typed=lines)

    def command(self, module: str, *arguments: str, typed: Sequence[str] = ()) -> str:
        """What a command of the emulator prints."""
        done = subprocess.run(
            [sys.executable, "-m", module, "--url", self.emulator_url, *arguments],
            input="".join(f"{line}\n" for line in typed),
            env=self._environment,
            text=True,
            capture_output=True,
        )
        return done.stdout + done.stderr

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                url = self.emulator_url + path
                request = urllib.request.Request(url, body, headers=AS_THE_BOT)
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)
            except OSError:  # it is still starting
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def ask_and_wait(self, path: str) -> socket.socket:
        """Ask the emulator for what it does not answer soon."""
        waiting = socket.create_connection(("127.0.0.1", self._emulator_port))
        waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return waiting

    def wait_for_emulator(self) -> None:
        self._ask("/emulator/health")

    def close(self) -> None:
        for process in (self._bot, self._emulator, *self._more):
            process.kill()
            process.wait()
