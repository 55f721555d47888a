"""`watch.py files`: lists the files that people sent, and copies them to a folder."""

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
            "list the files that people sent, or copy them to a folder",
            partial(_run, setup),
            examples=("files list", "files export photos"),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser()
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | export")
    actions.add_parser("list", help="list the files")
    export = actions.add_parser("export", help="copy all files to a folder")
    export.add_argument("folder", type=Path, metavar="FOLDER", help="a folder; made if need be")
    options = parser.parse_args(arguments)
    from features.kept_files import file_export

    return file_export.run(setup, options.folder if options.action == "export" else None)
