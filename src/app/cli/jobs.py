"""The command `jobs`: what is stored to be done, was done, or failed for good."""

from collections.abc import Sequence

from utils.commands import OPERATE, Command

STATES = ("todo", "dead", "done")


def _jobs(arguments: Sequence[str]) -> int:
    parser = JOBS.parser(
        "Dead letters are jobs that failed for good; they are kept for DEAD_LETTER_DAYS.\n"
        "A finished job keeps its key, and nothing of what people wrote."
    )
    parser.usage = (
        "watch.py jobs [list [OPTION ...] | show ID [--body] | retry [ID ...] | discard ID ...]"
    )
    parser.set_defaults(action="list", state=None, pool=None, kind=None, person=None, limit=100)
    actions = parser.add_subparsers(dest="action", metavar="list | show | retry | discard")
    listed = actions.add_parser("list", help="list jobs, newest first (the default)")
    listed.add_argument("--state", choices=STATES, help="only these; without it, all but done ones")
    listed.add_argument("--pool", help="only those of a pool, such as in, out or ai")
    listed.add_argument("--kind", help="only those of a kind, such as message or send")
    listed.add_argument("--person", help="only those of a person, by phone number or user id")
    listed.add_argument("--limit", type=int, help="most jobs to list (default: 100)")
    shown = actions.add_parser("show", help="show one job")
    shown.add_argument("id", type=int, metavar="ID")
    shown.add_argument(
        "--body", action="store_true", help="also what quotes people and names them: body and lane"
    )
    again = actions.add_parser("retry", help="run dead letters again: all of them, or those given")
    again.add_argument("ids", nargs="*", type=int, metavar="ID", help="as the list shows it")
    gone = actions.add_parser("discard", help="delete dead letters, or jobs that wait")
    gone.add_argument("ids", nargs="+", type=int, metavar="ID", help="as the list shows it")
    options = parser.parse_args(arguments)
    from app.cli import job_actions

    match options.action:
        case "show":
            return job_actions.show_job(options.id, with_body=options.body)
        case "retry":
            return job_actions.retry(options.ids)
        case "discard":
            return job_actions.discard(options.ids)
    return job_actions.list_jobs(
        [options.state] if options.state else STATES[:2],
        pool=options.pool,
        kind=options.kind,
        person=options.person,
        limit=options.limit,
    )


JOBS = Command(
    "jobs",
    OPERATE,
    "list and show stored jobs, run failed ones again, or discard them",
    _jobs,
    examples=(
        "jobs list --state dead",
        "jobs list --person +573001234567",
        "jobs show 12 --body",
        "jobs retry 12 15",
        "jobs discard 12",
    ),
)
COMMANDS = (JOBS,)
