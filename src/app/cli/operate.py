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


def _connect(arguments: Sequence[str]) -> int:
    parser = CONNECT.parser(
        "It asks for access token and app secret, finds account and number, writes .env, starts\n"
        "the bot and a tunnel (ngrok or cloudflared, if one is installed), has Meta send webhooks\n"
        "there, and sends a test message. Repeat it as you like: it asks only for what it lacks."
    )
    parser.add_argument("--url", metavar="URL", help="public https address of the bot: no tunnel")
    parser.add_argument(
        "--to", metavar="NUMBER", help="whom to send the test message; an empty one sends none"
    )
    parser.add_argument(
        "--no-bot", action="store_true", help="the bot runs elsewhere, at --url, with this .env"
    )
    options = parser.parse_args(arguments)
    if options.no_bot and options.url is None:
        parser.error("--no-bot needs --url: where does the bot run?")
    from app.connect.command import Options, run

    return run(Options(options.url, options.to, options.no_bot))


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


CONNECT = Command(
    "connect",
    OPERATE,
    "connect your number at Meta with this bot, step by step",
    _connect,
    examples=(
        "connect",
        "connect --url https://bot.example.com",
        "connect --url https://bot.example.com --no-bot --to +573001234567",
    ),
)
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
COMMANDS = (CONNECT, DOCTOR, MIGRATE, BACKUP, RESTORE)
