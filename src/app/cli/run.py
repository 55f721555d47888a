"""Commands that run the bot."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from utils.commands import RUN, Command
from utils.invocation_dir import resolve

if TYPE_CHECKING:
    from services.feature import Feature

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
    trials = _features_to_try()
    for each in trials:
        parser.add_argument(f"--{each.name}", action="store_true", help=f"try {each.summary}")
    options = parser.parse_args(arguments)
    if options.watch and not options.config:
        parser.error("--watch needs --config FILE")
    use_config_file(options.config)
    if os.environ.get("VISOR_DEBUG") == "true":  # what bots of Visor are started with
        os.environ.setdefault("LOG_LEVEL", "DEBUG")
    from app.development import supervisor

    tried = {
        name: value
        for each in trials
        if getattr(options, each.name)
        for name, value in each.trial_settings.items()
    }
    return supervisor.main(
        with_assistant=options.assistant, is_real=options.whatsapp, trial_settings=tried
    )


def _features_to_try() -> "list[type[Feature]]":
    """Return the features that have an option."""
    from app.composition.features import FeatureError, find_features

    try:
        return [each for each in find_features() if each.trial_settings]
    except FeatureError:
        return []  # the start says what is wrong with them


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
