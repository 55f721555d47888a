"""Commands that run the bot."""

import os
from collections.abc import Sequence

from utils.commands import RUN, Command
from utils.invocation_dir import resolve

#: Environment variable with the name of the config file.
FILE_SETTING = "BOT_CONFIG"


def _run(arguments: Sequence[str]) -> int:
    parser = BOT.parser(
        "Without an access token of Meta, an emulator of WhatsApp runs beside the bot."
    )
    parser.add_argument(
        "--assistant", action="store_true", help="let an emulated model answer free text"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="settings and checks, which the running bot follows"
    )
    parser.add_argument(
        "--whatsapp", action="store_true", help="the account at Meta, and no emulator"
    )
    parser.add_argument(
        "--watch", action="store_true", help="follow changes of FILE: what happens anyway"
    )
    options = parser.parse_args(arguments)
    if options.watch and not options.config:
        parser.error("--watch needs --config FILE")
    use_config_file(options.config)
    from app.development import supervisor

    return supervisor.main(with_assistant=options.assistant, is_real=options.whatsapp)


def use_config_file(name: str | None) -> None:
    """Have this program and those that it starts read a config file."""
    if name:
        os.environ[FILE_SETTING] = str(resolve(name).absolute())


BOT = Command(
    "run",
    RUN,
    "start the bot for development, and again after each change (the default)",
    _run,
    examples=("run", "run --assistant", "run --config bot.yaml --whatsapp"),
)
COMMANDS = (BOT,)
