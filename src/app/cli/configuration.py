"""The command `config`: checks, shows and compares the config file."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.run import use_config_file
from utils.commands import OPERATE, Command

ACTIONS = {
    "check": "say everything that is wrong with FILE; the exit code is 1 then",
    "show": "print each setting in force and where it is from, without secrets",
    "diff": "print what would change if FILE took the place of the file in force",
    "schema": "print the JSON schema of the file, for editors",
    "reload": "have running bots read the file again now; they also notice changes themselves",
}


def _config(arguments: Sequence[str]) -> int:
    listed = "\n".join(f"  {name:<8}{text}" for name, text in ACTIONS.items())
    parser = CONFIG.parser(f"Without FILE: the file that BOT_CONFIG names.\n\nactions:\n{listed}")
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("file", nargs="?", metavar="FILE")
    options = parser.parse_args(arguments)
    from app.cli import config_actions

    if options.action == "diff":
        return config_actions.diff(options.file)
    use_config_file(options.file)
    return int(getattr(config_actions, options.action)())


CONFIG = Command(
    "config",
    OPERATE,
    "check, show, compare or reload the config file",
    _config,
    examples=("config check bot.yaml", "config show", "config schema > bot.schema.json"),
)
COMMANDS = (CONFIG,)
