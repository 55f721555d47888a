"""`watch.py events`: the events that the bot knows, trying one, and RabbitMQ."""

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
            "events",
            OPERATE,
            "list and send events of other systems; declare and look at the queues of RabbitMQ",
            partial(_run, setup),
            examples=(
                "events list",
                "events send po.approved data.json --dry-run",
                "events send po.approved data.json",
                "events declare",
                "events dead",
                "events dead retry",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("The page docs/events.md explains events, and how others send them.")
    add = parser.add_subparsers(
        dest="action", required=True, metavar="list | send | declare | dead"
    ).add_parser
    add("list", help="the events of src/events: types, template and file")
    send = add("send", help="tell the bot an event, as another system does")
    send.add_argument("type", metavar="TYPE", help="such as po.approved")
    send.add_argument("file", metavar="FILE", help="JSON: the data, or a whole event; - is stdin")
    send.add_argument("--dry-run", action="store_true", help="show the message; store nothing")
    add("declare", help="make the exchange, the queues and the bindings at AMQP_URL")
    dead = add("dead", help="what could not be understood, and why")
    dead.add_argument(
        "what", nargs="?", choices=("retry",), metavar="retry", help="put back what can be read now"
    )
    dead.add_argument("--most", type=int, default=1000, metavar="N", help="only so many; 1000")
    options = parser.parse_args(arguments)
    from features.events import command_actions

    return command_actions.run(setup, options)
