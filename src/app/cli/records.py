"""The command `records`: what people filled in, as flows saved it."""

from collections.abc import Sequence

from utils.commands import OPERATE, Command


def _records(arguments: Sequence[str]) -> int:
    parser = RECORDS.parser("A record is what a flow saves by SaveRecord: a booking, say.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | export")
    actions.add_parser("list", help="list the names of records, and how many there are")
    export = actions.add_parser("export", help="write all records of one name to the terminal")
    export.add_argument("name", metavar="NAME", help="as the list shows it, such as bookings")
    export.add_argument(
        "--format", choices=("csv", "json"), default="csv", help="csv by default, or JSON lines"
    )
    options = parser.parse_args(arguments)
    from app.cli import record_export

    if options.action == "list":
        return record_export.list_names()
    return record_export.export(options.name, as_json=options.format == "json")


RECORDS = Command(
    "records",
    OPERATE,
    "list and export what people filled in",
    _records,
    examples=(
        "records list",
        "records export bookings > bookings.csv",
        "records export bookings --format json",
    ),
)
COMMANDS = (RECORDS,)
