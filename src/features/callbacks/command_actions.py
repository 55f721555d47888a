"""What `watch.py callbacks` does."""

import asyncio
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from features.callbacks import endpoints
from features.callbacks.addresses import ForbiddenAddress, PublicResolver, checked_url
from features.callbacks.delivery import GONE, send
from features.callbacks.event_types import TEST, chosen_types
from features.callbacks.poster import CallbackFailed, Poster
from features.callbacks.settings import CallbackSettings
from features.callbacks.tables import Endpoint, EndpointState, StoredEvent
from services.command_database import in_database
from services.setup import CommandSetup
from storage.engine.json_column import encoded
from utils.commands import CommandError

NONE = "There is no endpoint of this id: `python3 watch.py callbacks list` shows all."
#: How to let callbacks go to a private network.
PRIVATE = "CALLBACKS_TO_PRIVATE_ADDRESSES=true allows http:// and private addresses."


def add(setup: CommandSetup, url: str, types: Sequence[str] | None, *, is_private: bool) -> int:
    """Register an address, and print its id and its secret. Raise CommandError."""
    chosen = chosen_types(types)
    asyncio.run(_require_allowed(setup, url))
    made = in_database(
        setup, lambda c, now: endpoints.add(c, url, chosen, now, is_private=is_private)
    )
    print(made.id)
    print(made.secret)
    print("Keep the secret now: nobody can read it again.", file=sys.stderr)
    return 0


def list_all(setup: CommandSetup) -> int:
    """Print a line for each address."""
    found = in_database(setup, lambda c, _: endpoints.all_endpoints(c))
    for one in found:
        print(_line(one))
    print(f"{len(found)} endpoints." if found else "No endpoints.")
    return 0


def test(setup: CommandSetup, endpoint_id: str) -> int:
    """Send a test event, and print what came back. Return 1 if the endpoint did not take it."""
    endpoint = in_database(setup, lambda c, _: endpoints.find(c, endpoint_id))
    if endpoint is None:
        raise CommandError(NONE)
    try:
        status = asyncio.run(_send_test(endpoint, allows_private=_allows_private(setup)))
    except CallbackFailed as error:
        print(f"The endpoint failed: {error}.", file=sys.stderr)
        return 1
    if status == GONE:
        print(f"The endpoint answered {GONE}: it wants no events.", file=sys.stderr)
        return 1
    print(f"The endpoint answered {status}.")
    return 0


def rotate(setup: CommandSetup, endpoint_id: str) -> int:
    """Print a new secret. Raise CommandError."""
    secret = in_database(setup, lambda c, now: endpoints.rotate(c, endpoint_id, now))
    if secret is None:
        raise CommandError(NONE)
    print(secret)
    print("Both secrets sign for 24 hours; then only the new one.", file=sys.stderr)
    return 0


def resume(setup: CommandSetup, endpoint_id: str) -> int:
    """Tell an address again. Raise CommandError."""
    if not in_database(setup, lambda c, _: endpoints.resume(c, endpoint_id)):
        raise CommandError(NONE)
    print("It is told again; what waited follows within a quarter of an hour.")
    return 0


def remove(setup: CommandSetup, endpoint_id: str) -> int:
    """Forget an address. Raise CommandError."""
    if not in_database(setup, lambda c, _: endpoints.remove(c, endpoint_id)):
        raise CommandError(NONE)
    print("It is told no more.")
    return 0


ACTIONS: Mapping[str, Callable[[CommandSetup, str], int]] = {
    "test": test,
    "rotate": rotate,
    "resume": resume,
    "remove": remove,
}


async def _require_allowed(setup: CommandSetup, url: str) -> None:
    """Raise CommandError for an address that callbacks may not go to."""
    allows_private = _allows_private(setup)
    try:
        host = urlsplit(checked_url(url, allows_private=allows_private)).hostname
        if not allows_private:
            await PublicResolver().resolve(str(host), 443)
    except ForbiddenAddress as error:
        raise CommandError(f"{error}. {PRIVATE}") from error
    except OSError as error:
        raise CommandError("its name has no address: check the URL.") from error


async def _send_test(endpoint: Endpoint, *, allows_private: bool) -> int:
    now = datetime.now(UTC)
    data = encoded({"endpoint": endpoint.id})
    event = StoredEvent(f"evt_{secrets.token_hex(12)}", TEST, None, now, data, "{}", now)
    poster = Poster(allows_private=allows_private)
    try:
        return await send(poster, endpoint, event, now)
    finally:
        await poster.close()


def _allows_private(setup: CommandSetup) -> bool:
    return setup.settings_of(CallbackSettings).callbacks_to_private_addresses


def _line(one: Endpoint) -> str:
    private = "with private data" if one.is_private else "ids only"
    reached = f"reached {one.reached_at:%Y-%m-%d}" if one.reached_at else "never reached"
    failing = f", {one.failures} failures" if one.failures else ""
    why = f" ({one.problem})" if one.problem and one.state != EndpointState.ON else ""
    return f"{one.id}  {one.url}  {one.types}  {private}  {one.state}{why}{failing}  {reached}"
