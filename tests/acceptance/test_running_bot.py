"""The bot and the emulator as people run them: processes of their own, talking over HTTP."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from tests.fakes.dev_server import ANA, SECRETS, SOURCE, DevServer, free_port

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Unavailable
from services.clients.http import make_http_client

NEEDED_BY_COMMANDS = all(map(shutil.which, ("bash", "curl", "openssl")))


def test_a_registration_goes_on_after_the_plug_is_pulled(dev_server: DevServer) -> None:
    assert dev_server.talk("hola").startswith("¡Hola, Ana! ¿Qué te gustaría hacer?\n\nSoy un bot.")
    assert dev_server.talk("registrarme") == "¿Cuál es tu nombre completo?"
    dev_server.kill_bot()
    answer = dev_server.say("Ana Gómez")  # nobody is there to hear it
    dev_server.start_bot()
    assert dev_server.reply_after(answer, "¿Qué documento")
    dev_server.kill_bot()
    dev_server.start_bot()
    assert dev_server.talk("cc", "¿Cuál es el número de tu documento?")


#: Its code tells by a file that it has begun; the first attempt never ends.
PRICE = '''"""Look up a price."""

import asyncio
from pathlib import Path

from pydantic import BaseModel

from flow_engine import Ask, Call, Effect, Flow, Say


class Price(BaseModel):
    what: str
    price: str


async def look_up(form: Price) -> str:
    begun = Path("begun")
    if not begun.exists():
        begun.touch()
        await asyncio.sleep(600)
    return f"the price of {form.what}"


def finish(form: Price) -> list[Effect]:
    return [Say("price.done", form.model_dump())]


price = Flow(
    name="price",
    version=1,
    form=Price,
    triggers=("price",),
    steps=(Ask("what"), Call("price", handler=look_up)),
    finish=finish,
)
'''
PRICE_TEXTS = """
[price]
done = "Found: {price}."
price.failed = "Not found."
what.ask = "Of what?"
what.invalid = "Of what?"
"""


def test_a_call_that_runs_when_the_bot_is_killed_runs_again_and_is_told_once(
    dev_server: DevServer,
) -> None:
    dev_server.kill_bot()
    dev_server.add_flow("price", PRICE, PRICE_TEXTS)
    dev_server.start_bot()
    assert dev_server.talk("price", "Of what?")
    answer = dev_server.say("cake")
    dev_server.wait_until((dev_server.folder / "begun").exists)
    dev_server.kill_bot()
    meanwhile = dev_server.say("hola")
    dev_server.start_bot()
    assert dev_server.reply_after(answer, "Found").startswith("Found: the price of cake.")
    assert dev_server.reply_after(meanwhile, "¡Hola")
    told = [text for text in dev_server.said_after(answer) if "price of cake" in text]
    assert len(told) == 1
    assert "Not found" not in "".join(dev_server.said_after(answer))


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no SIGUSR1")
def test_sigusr1_starts_the_bot_again_and_refuses_nobody(dev_server: DevServer) -> None:
    dev_server.talk("hola")
    process = dev_server.signal_bot(signal.SIGUSR1)
    dev_server.wait_until(lambda: "restarting: what has begun" in dev_server.log.read_text())
    for _ in range(20):  # a new connection each time, some while nobody accepts any
        with urllib.request.urlopen(f"http://127.0.0.1:{dev_server.bot_port}/health/live") as told:
            assert told.status == 200
    answer = dev_server.say("registrarme")
    assert dev_server.reply_after(answer) == "¿Cuál es tu nombre completo?"
    assert process.poll() is None


def test_a_conversation_in_the_terminal(dev_server: DevServer) -> None:
    dev_server.talk("hola")  # both run
    shown = dev_server.chat("hello", "1", "Ana Smith")
    first, rest = shown.split("> 1")
    lines = first.splitlines()
    assert lines[0] == "> hello"
    assert lines[1].endswith("! What would you like to do?")
    assert lines[lines.index("  1. Register") + 1] == "  2. Events"
    assert lines[-1] == "  Type “topics” to see everything"
    assert "What is your full name?" in rest
    assert "Which identity document" in rest


def chaos(dev_server: DevServer, *changes: str) -> str:
    return dev_server.command("emulator.cli.chaos", *changes)


@pytest.mark.skipif(not NEEDED_BY_COMMANDS, reason="needs bash, curl and openssl")
def test_copied_commands_run_as_they_are(dev_server: DevServer) -> None:
    dev_server.talk("hola")
    exchanges = dev_server.exchanges()
    wanted = ("webhook", "graph")
    numbers = {one["number"]: one["kind"] for one in exchanges if one["kind"] in wanted}
    assert set(numbers.values()) == set(wanted)
    for number, kind in numbers.items():
        command = dev_server.ask_text(f"/emulator/exchanges/{number}/curl")
        told = subprocess.run(
            ["bash", "-c", f"{command} -sS -w ' %{{http_code}}'"], text=True, capture_output=True
        )
        answer, _, status = told.stdout.rpartition(" ")
        assert status == "200", (kind, command, told)
        assert '"error"' not in answer


def test_a_webhook_is_triggered_from_a_terminal(dev_server: DevServer) -> None:
    dev_server.wait_for_emulator()
    module = "emulator.cli.trigger"
    said = dev_server.command(module, "message.sticker", "--from", f"+{ANA}")
    assert said == "message.sticker is on its way to the bot.\n"
    assert dev_server.reply_after(0)
    assert "perhaps message.sticker" in dev_server.command(module, "message.stiker")


async def test_a_broken_connection_leaves_open_whether_the_message_was_taken(
    dev_server: DevServer,
) -> None:
    dev_server.talk("hola")
    assert "* lost_answer   1.0" in chaos(dev_server, "lost_answer=1")
    async with make_http_client() as http:
        api = CloudApi(
            http,
            token=SECRETS["WP_ACCESS_TOKEN"],
            phone_number_id="100000000000001",
            base_url=dev_server.emulator_url,
        )
        text = {"messaging_product": "whatsapp", "to": f"+{ANA}", "type": "text"}
        with pytest.raises(Unavailable) as raised:
            await api.post_message({**text, "text": {"body": "taken"}})
        assert raised.value.ambiguous
        chaos(dev_server, "off")
        await api.post_message({**text, "text": {"body": "answered"}})
    assert dev_server.reply_after(0, "taken")
    assert "there is no eror" in chaos(dev_server, "eror=1")


@pytest.mark.parametrize(
    ("who", "said"),
    [("+15551234567", "python3 watch.py"), ("abc", "--from abc: a phone number has 5 to 20")],
)
def test_a_chat_that_cannot_begin_says_why(who: str, said: str) -> None:
    where = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "emulator.cli.chat", "--url", where, "--from", who]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, input="")
    assert done.returncode == 1
    assert said in done.stderr


def test_a_bot_that_is_told_to_stop_stops_soon(dev_server: DevServer) -> None:
    dev_server.talk("hola")
    assert dev_server.stop_bot() in (0, -signal.SIGTERM)


def test_an_emulator_that_is_told_to_stop_waits_for_no_page_and_no_terminal(
    dev_server: DevServer,
) -> None:
    dev_server.wait_for_emulator()
    dev_server.kill_bot()
    said = dev_server.log.read_text()
    with (
        dev_server.ask_and_wait(f"/emulator/contacts/{ANA}/messages?wait=30") as terminal,
        dev_server.ask_and_wait("/emulator/events") as phone,
        dev_server.ask_and_wait("/emulator/exchanges/events") as inspector,
    ):
        assert phone.recv(4096).startswith(b"HTTP/1.1 200")
        assert inspector.recv(4096).startswith(b"HTTP/1.1 200")
        dev_server.stop_emulator()
        assert terminal.recv(4096).endswith(b"[]")
    assert dev_server.log.read_text() == said


def fail_in_a_flow(dev_server: DevServer, environment: str) -> str:
    """The log of a bot whose flow raises, after the second attempt."""
    dev_server.wait_for_emulator()
    dev_server.kill_bot()
    dev_server.break_flow("events", "no seats left", environment=environment)
    dev_server.start_bot()
    dev_server.talk("eventos")
    dev_server.say("1")
    dev_server.wait_until(lambda: "failed, attempt 2" in dev_server.log.read_text())
    return dev_server.log.read_text()


def test_in_development_an_error_is_shown_once_with_its_text_and_place(
    dev_server: DevServer,
) -> None:
    log = fail_in_a_flow(dev_server, "development")
    assert log.count("RuntimeError: no seats left") == 1
    assert re.search(r"\n      see src/flows/events\.py:\d+\n", log)
    dev_server.wait_until(lambda: dev_server.bot_status()["error"] is not None)
    error = dev_server.bot_status()["error"]
    assert error["text"] == "RuntimeError: no seats left"
    assert re.fullmatch(r"src/flows/events\.py:\d+", error["place"])


def test_in_production_an_error_stays_scrubbed(dev_server: DevServer) -> None:
    log = fail_in_a_flow(dev_server, "production")
    assert "RuntimeError\n      at " in log
    assert "no seats left" not in log
    assert " › " not in log
    assert dev_server.bot_status()["error"] is None


def test_in_development_each_message_is_a_line_in_the_terminal(dev_server: DevServer) -> None:
    dev_server.develop()
    dev_server.talk("hola")
    dev_server.talk("registrarme")
    log = dev_server.log.read_text()
    assert re.search(r"\d\d:\d\d:\d\d \S.* › .* → registration: full_name · 1 reply · \d+ ms", log)


def test_nothing_private_is_logged(dev_server: DevServer) -> None:
    dev_server.talk("hola, me llamo Secreta y vivo en Villa Oculta")
    dev_server.talk("registrarme")
    dev_server.talk("Ana Secreta")
    url = f"http://127.0.0.1:{dev_server.bot_port}/webhook?hub.verify_token=acceptance-verify-token"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url)
    dev_server.stop_bot()
    log = dev_server.log.read_text()
    for private in (*SECRETS.values(), ANA, "Secreta", "Oculta", "registrarme"):
        assert private not in log
    assert not re.search(r"CO\.\d{6,}", log)
