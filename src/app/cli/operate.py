"""Commands for the people who operate an installation."""

from collections.abc import Sequence

from utils.commands import OPERATE, Command


def _doctor(arguments: Sequence[str]) -> int:
    parser = DOCTOR.parser("It changes nothing. The exit code is 1 when a check fails, else 0.")
    parser.add_argument(
        "--live",
        action="store_true",
        help="ask other computers too: Meta, the callback URL, and those that features use",
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
COMMANDS = (DOCTOR, MIGRATE, BACKUP, RESTORE)
