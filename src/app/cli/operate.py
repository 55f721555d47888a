"""Commands for the people who operate an installation."""

from collections.abc import Sequence

from app.cli.command import OPERATE, Command


def _doctor(arguments: Sequence[str]) -> int:
    parser = DOCTOR.parser("It changes nothing. The exit code is 1 when a check fails, else 0.")
    parser.add_argument(
        "--live", action="store_true", help="ask Meta, the callback URL, Airtable and OpenAI too"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    from app.doctor.command import run_doctor

    return run_doctor(is_live=options.live, as_object=options.json)


def _migrate(arguments: Sequence[str]) -> int:
    MIGRATE.parser(
        "With PostgreSQL, run it before new code starts. With SQLite, the bot does it at its start."
    ).parse_args(arguments)
    from app.cli import maintenance

    return maintenance.migrate()


def _backup(arguments: Sequence[str]) -> int:
    parser = BACKUP.parser(
        "Only its owner may read the copy: it holds conversations and phone numbers.\n"
        "With PostgreSQL, pg_dump of its client programs has to be installed."
    )
    parser.add_argument("file", metavar="FILE", help="the copy to write; it must not exist yet")
    options = parser.parse_args(arguments)
    from app.cli import backup

    return backup.backup(options.file)


def _restore(arguments: Sequence[str]) -> int:
    parser = RESTORE.parser(
        "With SQLite, the old database is kept under a name with the date. When the command\n"
        "fails, nothing has changed."
    )
    parser.add_argument("file", metavar="FILE", help="a copy that `backup` has written")
    options = parser.parse_args(arguments)
    from app.cli import backup

    return backup.restore(options.file)


def _dead_letters(arguments: Sequence[str]) -> int:
    parser = DEAD_LETTERS.parser("They are kept until they are run again.")
    parser.usage = "watch.py dead-letters [list | retry [ID ...]]"
    parser.set_defaults(action="list", ids=[])
    actions = parser.add_subparsers(dest="action", metavar="list | retry")
    actions.add_parser("list", help="list them, newest first (the default)")
    retry = actions.add_parser("retry", help="run them again: all of them, or those given")
    retry.add_argument("ids", nargs="*", type=int, metavar="ID", help="as the list shows it")
    options = parser.parse_args(arguments)
    from app.cli import maintenance

    if options.action == "retry":
        return maintenance.retry(options.ids or None)
    return maintenance.list_dead_letters()


def _airtable(arguments: Sequence[str]) -> int:
    parser = AIRTABLE.parser()
    actions = parser.add_subparsers(dest="action", required=True, metavar="init | doctor")
    init = actions.add_parser("init", help="create the tables and fields that are missing")
    init.add_argument("--base", metavar="APP...", help="the base; AIRTABLE_BASE_ID by default")
    init.add_argument("--workspace", metavar="WSP...", help="create a new base in this workspace")
    init.add_argument("--yes", action="store_true", help="do not ask before changing the base")
    doctor = actions.add_parser("doctor", help="check token, scopes, base and monthly quota")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.action == "doctor":
        from app.doctor.command import run_doctor

        return run_doctor(only="airtable", as_object=options.json)
    from app.cli import airtable

    return airtable.init(options.base, options.workspace, asks=not options.yes)


DOCTOR = Command(
    "doctor",
    OPERATE,
    "check this installation, and say how to fix what is wrong",
    _doctor,
    examples=("doctor", "doctor --live", "doctor --live --json"),
)
MIGRATE = Command(
    "migrate",
    OPERATE,
    "bring the tables of the database up to date",
    _migrate,
    examples=("migrate",),
)
BACKUP = Command(
    "backup",
    OPERATE,
    "copy the database into a file, also while the bot is running",
    _backup,
    examples=("backup /backups/monday",),
)
RESTORE = Command(
    "restore",
    OPERATE,
    "replace the database by a copy, while the bot is stopped",
    _restore,
    examples=("restore /backups/monday",),
)
DEAD_LETTERS = Command(
    "dead-letters",
    OPERATE,
    "list the jobs that failed too often, or run them again",
    _dead_letters,
    examples=("dead-letters", "dead-letters retry", "dead-letters retry 12 15"),
)
AIRTABLE = Command(
    "airtable",
    OPERATE,
    "create the operators' base in Airtable, or check it",
    _airtable,
    examples=(
        "airtable init --workspace wspAbCdEf12345678",
        "airtable init",
        "airtable doctor",
    ),
)
COMMANDS = (DOCTOR, MIGRATE, BACKUP, RESTORE, DEAD_LETTERS, AIRTABLE)
