"""`watch.py files`: the files that people sent, and the keys that encrypt them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import CommandSetup


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "files",
            OPERATE,
            "list the files that people sent, copy them to a folder, or see their keys",
            partial(_run, setup),
            examples=("files list", "files export photos", "files new-key"),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser()
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="list | export | keys | new-key"
    )
    actions.add_parser("list", help="list the files")
    export = actions.add_parser("export", help="copy all files to a folder")
    export.add_argument("folder", type=Path, metavar="FOLDER", help="a folder; made if need be")
    actions.add_parser("keys", help="say which key encrypts how much")
    actions.add_parser("new-key", help="print a new key for FILES_KEYS")
    options = parser.parse_args(arguments)
    from features.kept_files import file_export, key_commands

    if options.action == "new-key":
        return key_commands.print_key()
    if options.action == "keys":
        return key_commands.run(setup)
    return file_export.run(setup, options.folder if options.action == "export" else None)
