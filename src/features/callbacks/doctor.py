"""The check of the addresses that are told what happens."""

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import inspect

from domain.checks import Check, Finding, ok, skip, warn
from features.callbacks.endpoints import all_endpoints
from features.callbacks.tables import Endpoint, EndpointState, callback_endpoint
from services.setup import CheckSetup
from storage.engine.reading import file_of, reading


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the endpoints."""
    yield Check("callbacks", partial(check_endpoints, setup.database_url), needs=("database",))


async def check_endpoints(database_url: str | None) -> Finding:
    """Say which endpoints are not told any more, and which fail."""
    if database_url is None:
        return skip("the database is not known")
    if (file := file_of(database_url)) is not None and not file.exists():
        return skip("the database is made by the first start")
    with reading(database_url) as connection:
        if not inspect(connection).has_table(callback_endpoint.name):
            return skip("the database has no tables yet")
        return judge(all_endpoints(connection))


def judge(found: Sequence[Endpoint]) -> Finding:
    """Say what is wrong with some endpoints."""
    if not found:
        return skip("no endpoint is registered")
    for one in found:
        if one.state != EndpointState.ON:
            fix = f"Correct it, then `python3 watch.py callbacks resume {one.id}`."
            return warn(f"{one.id} is {one.state}: {one.problem}", fix)
        if one.failures:
            fix = f"`python3 watch.py callbacks test {one.id}` says what it answers now."
            return warn(f"{one.id} failed {one.failures} times in a row: {one.problem}", fix)
    return ok(f"{len(found)} endpoints are told")
