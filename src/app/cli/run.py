"""Commands that run the bot."""

from collections.abc import Sequence

from app.cli.command import RUN, Command


def _run(arguments: Sequence[str]) -> int:
    parser = BOT.parser(
        "Without an access token of Meta, an emulator of WhatsApp runs beside the bot."
    )
    parser.add_argument(
        "--assistant", action="store_true", help="let an emulated model answer free text"
    )
    options = parser.parse_args(arguments)
    from app.development import supervisor

    return supervisor.main(with_assistant=options.assistant)


BOT = Command(
    "run",
    RUN,
    "start the bot for development, and again after each change (the default)",
    _run,
    examples=("run", "run --assistant"),
)
COMMANDS = (BOT,)
