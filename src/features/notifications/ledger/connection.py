"""What the ledger's classes work with: the bot of this process, or the database of the settings.

In a script, a message is stored in the bot's database, and the bot sends it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from features.notifications.service import NotificationService, ServiceParts


@dataclass(slots=True)
class _Process:
    """What this process has."""

    bot: ServiceParts | None = None
    #: Opens the database of the settings.
    open: Callable[[], AbstractAsyncContextManager[ServiceParts]] | None = None


_process = _Process()


def use_bot(parts: ServiceParts | None) -> None:
    """Let the ledger's classes work with the bot of this process."""
    _process.bot = parts


def use_settings(open_: Callable[[], AbstractAsyncContextManager[ServiceParts]]) -> None:
    """Let scripts, which have no bot in their process, open the database of the settings."""
    _process.open = open_


@asynccontextmanager
async def connected() -> AsyncIterator[ServiceParts]:
    """Yield the parts of the bot; a script opens its database."""
    if _process.bot is not None:
        yield _process.bot
    elif _process.open is not None:
        async with _process.open() as parts:
            yield parts
    else:
        raise RuntimeError("import these classes from `app`, as docs/notifications.md shows")


@asynccontextmanager
async def notifications() -> AsyncIterator[NotificationService]:
    """Yield what stores notifications."""
    async with connected() as parts:
        yield NotificationService.of(parts)
