"""The process that a feature runs in: what it was given, and other bots that it can run."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol


class BotError(Exception):
    """A bot cannot be started; the text says what is wrong and what to do."""


class Host(Protocol):
    """What a feature finds around its bot: see `Feature.hosting`."""

    @property
    def given(self) -> Mapping[str, str]:
        """The settings of the process as they were given, by their names."""
        ...

    @property
    def state(self) -> Mapping[str, Any]:
        """What HTTP requests find in `request.state`; "webhooks" is the controller."""
        ...

    def run_bot(
        self, name: str, given: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Mapping[str, Any]]:
        """Run another bot with settings of its own, until the block ends; yield its state.

        Raise BotError if it cannot start.
        """
        ...
