"""`watch.py statistics`: what became of the messages."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

from utils.commands import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from features.notifications.statistics.schema import StatisticsGroup
    from services.setup import CommandSetup


def run(setup: CommandSetup, parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Print the statistics of the last days."""
    parser.add_argument("--by", default="template", metavar="day,template", help="see docs")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="30 by default")
    parser.add_argument("--csv", action="store_true", help="print CSV")
    options = parser.parse_args(arguments)
    from features.notifications.api_keys import ONE_TENANT
    from features.notifications.statistics.groups import GroupBy, statistics
    from features.notifications.statistics.periods import Period, begin_of_hour
    from features.notifications.statistics.table import as_csv, as_lines
    from services.command_database import in_database

    try:
        by = [GroupBy(one) for one in options.by.split(",") if one]
    except ValueError as error:
        raise CommandError(f"--by: expected some of {', '.join(GroupBy)}.") from error

    def read(connection: Connection, now: datetime) -> Sequence[StatisticsGroup]:
        since = begin_of_hour(now, before=timedelta(days=options.days))
        period = Period(ONE_TENANT, since, now, now)
        return statistics(connection, period, by)

    groups = in_database(setup, read)
    print(as_csv(groups, by), end="") if options.csv else print(*as_lines(groups, by), sep="\n")
    return 0
