"""Proves that the bot keeps its promises: `python3 watch.py prove`.

Webs, workers and people run in real processes while faults happen to them. Then a checker reads
the whole history. docs/proof.md explains the report. The exit code is 1 if a promise was broken.
"""

import argparse
import asyncio
import shlex
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import SystemRandom

from sqlalchemy import make_url
from tests.prove.databases import (
    PostgresDatabase,
    SqliteFile,
    postgres_database,
    replicated_database,
)
from tests.prove.faults import FAULTS, kinds_for
from tests.prove.people import Crowd
from tests.prove.plan import make_plan
from tests.prove.report import Result, to_markdown
from tests.prove.run import ONE_PROCESS, SEVERAL, Setup, run

from utils.invocation_dir import resolve

SQLITE, POSTGRESQL, REPLICAS = "sqlite", "postgresql", "replicas"
TITLES = {SQLITE: "SQLite", REPLICAS: "PostgreSQL with a standby"}
#: Share of messages that fail for ever, in runs that are long enough to see them given up.
POISON = 0.005
SHORTEST_WITH_POISON_SECONDS = 45.0


def main() -> int:
    """Run what the command line says; returns the exit code."""
    options = _parser().parse_args()
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    seconds = options.minutes * 60
    names = [options.database] if options.database else [SQLITE, POSTGRESQL]
    options.out.mkdir(parents=True, exist_ok=True)
    results = [asyncio.run(_measure(name, seed, seconds, options.out)) for name in names]
    again = f"python3 watch.py prove --minutes {options.minutes:g} --seed {seed}"
    if options.database:
        again += f" --database {shlex.quote(_without_password(options.database))}"
    report = to_markdown(results, command=again, seed=seed)
    (options.out / "report.md").write_text(report)
    print(report)
    print(f"Written to {options.out}: report.md, and a history of each run as JSON")
    return 1 if any(each.violations for each in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="watch.py prove",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes", type=float, default=2.0, help="of faults on each database (default: 2)"
    )
    parser.add_argument("--seed", type=int, help="repeats the faults and messages of another run")
    parser.add_argument(
        "--database",
        metavar="NAME",
        help="sqlite, postgresql (a server of its own), replicas (a primary with a synchronous "
        "standby), or the URL of a PostgreSQL server whose role may create databases; sqlite and "
        "postgresql by default",
    )
    parser.add_argument(
        "--out", type=resolve, default=Path(".local/prove"), help="folder of the report"
    )
    return parser


async def _measure(name: str, seed: int, seconds: float, out: Path) -> Result:
    is_file = name == SQLITE
    processes = ONE_PROCESS if is_file else SEVERAL
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database: SqliteFile | PostgresDatabase
        if is_file:
            database = SqliteFile(folder / "bot.db")
        elif name == REPLICAS:
            database = await stack.enter_async_context(replicated_database(processes))
        else:
            url = None if name == POSTGRESQL else name
            database = await stack.enter_async_context(postgres_database(url, processes))
        kinds = kinds_for(database)
        crowd = Crowd(poison=POISON if seconds > SHORTEST_WITH_POISON_SECONDS else 0.0)
        plan = make_plan(seed, kinds)
        setup = Setup(seed, plan, seconds, processes, crowd, has_clocks="clock" in kinds)
        began = time.monotonic()
        history = await run(setup, folder, database)
    title = TITLES.get(name, "PostgreSQL")
    history.write(out / f"history-{title.lower().replace(' ', '-')}.json")
    took = time.monotonic() - began
    return Result.of(title, took, processes, history, sorted(FAULTS.keys() - kinds.keys()))


def _without_password(database: str) -> str:
    return database if database in (SQLITE, POSTGRESQL, REPLICAS) else repr(make_url(database))


if __name__ == "__main__":
    sys.exit(main())
