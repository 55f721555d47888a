"""Commands that talk to the running bot, through the emulator beside it."""

import sys
from collections.abc import Sequence

from utils.commands import HELP_OPTIONS, TALK, Command


def _chat(arguments: Sequence[str]) -> int:
    return _at_emulator(CHAT, arguments)


def _story(arguments: Sequence[str]) -> int:
    return _at_emulator(STORY, arguments)


def _trigger(arguments: Sequence[str]) -> int:
    return _at_emulator(TRIGGER, arguments)


def _chaos(arguments: Sequence[str]) -> int:
    return _at_emulator(CHAOS, arguments)


def _reset(arguments: Sequence[str]) -> int:
    parser = RESET.parser(
        "The bot, the phone page and the operators' page forget the person. Only in development."
    )
    parser.add_argument("person", nargs="?", help="a phone number, a user id or a name")
    parser.add_argument("--yes", action="store_true", help="do not ask before all are forgotten")
    given = parser.parse_args(arguments)
    from app.cli.reset import require_development, reset

    require_development()
    if given.person is None and not given.yes:
        print(
            "This deletes every person and conversation of this folder. [y/N] ", end="", flush=True
        )
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return 1
    return reset(given.person)


def _at_emulator(command: Command, arguments: Sequence[str]) -> int:
    """Run the emulator's own program for this command; its help has our examples at its end."""
    import subprocess

    program = [sys.executable, "-m", f"emulator.cli.{command.name}"]
    if any(option in arguments for option in HELP_OPTIONS):
        code = subprocess.call([*program, "--help"])
        print(f"\n{command.examples_text()}")
        return code
    from app.development.supervisor import emulator_url

    url = emulator_url()
    if url is None:
        print("No emulator is running. Start it in another terminal: python3 watch.py")
        return 1
    return subprocess.call([*program, "--url", url, *arguments])


CHAT = Command(
    "chat",
    TALK,
    "talk to the bot in this terminal",
    _chat,
    examples=("chat", "chat --from 573001234567 --name Luis"),
)
STORY = Command(
    "story",
    TALK,
    "play written conversations to the bot, and check its replies",
    _story,
    examples=("story run", "story run tests/acceptance/stories/events-en.yaml"),
)
TRIGGER = Command(
    "trigger",
    TALK,
    "send the bot a webhook of any kind",
    _trigger,
    examples=(
        'trigger message.text --body "hello"',
        "trigger message.image --from 4915112345678",
        "trigger status.failed --code 131047",
    ),
)
CHAOS = Command(
    "chaos",
    TALK,
    "inject faults into the emulator, list them, or switch them off",
    _chaos,
    examples=("chaos", "chaos error_500=0.2 lost_answer=0.1", "chaos off"),
)
RESET = Command(
    "reset",
    TALK,
    "start a person of the phone page afresh, or everyone",
    _reset,
    examples=("reset Ana", "reset +15551234567", "reset --yes"),
)
COMMANDS = (CHAT, STORY, TRIGGER, CHAOS, RESET)
