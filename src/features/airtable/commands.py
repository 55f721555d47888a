"""`watch.py airtable`: creates the operators' base, or checks it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import CommandSetup


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "airtable",
            OPERATE,
            "create the operators' base in Airtable, or check it",
            partial(_run, setup),
            examples=(
                "airtable init --workspace wspAbCdEf12345678",
                "airtable init",
                "airtable doctor",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser()
    actions = parser.add_subparsers(dest="action", required=True, metavar="init | doctor")
    init = actions.add_parser("init", help="create the tables and fields that are missing")
    init.add_argument("--base", metavar="APP...", help="the base; AIRTABLE_BASE_ID by default")
    init.add_argument("--workspace", metavar="WSP...", help="create a new base in this workspace")
    init.add_argument("--yes", action="store_true", help="do not ask before changing the base")
    doctor = actions.add_parser("doctor", help="check token, scopes, base and monthly quota")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.action == "doctor":
        return setup.run_check("airtable", as_object=options.json)
    from features.airtable import base_init

    return base_init.init(setup, options.base, options.workspace, asks=not options.yes)
