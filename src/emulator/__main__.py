"""Runs the emulators: `python -m emulator`."""

import os
import socket
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import fields
from difflib import get_close_matches

import uvicorn

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account

#: Beginning of the names of the emulator's settings.
PREFIX = "EMULATOR_"


class Server(uvicorn.Server):
    """A server that stops at once, though open pages listen forever."""

    def __init__(self, config: uvicorn.Config, account: Account) -> None:
        super().__init__(config)
        self._account = account

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._account.close()
        await super().shutdown(sockets)


def misspelt_settings(names: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each EMULATOR_ name that is no setting of the emulator."""
    known = [field.name.upper() for field in fields(Config)]
    known += [f"AIRTABLE_{field.name.upper()}" for field in fields(AirtableConfig)]
    for name in sorted(name for name in names if name.startswith(PREFIX)):
        setting = name.removeprefix(PREFIX)
        if setting not in known:
            nearest = get_close_matches(setting, known, n=1)
            hint = f"did you mean {PREFIX}{nearest[0]}?" if nearest else "remove it."
            yield f"Unknown setting of the emulator: {name}: {hint}"


def main() -> None:
    if problems := list(misspelt_settings(os.environ)):
        sys.exit("\n".join(problems))
    config = Config.from_environment()
    app = create_app(config, AirtableConfig.from_environment())
    served = uvicorn.Config(
        app,
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after it has stopped
        Server(served, app.state.account).run()


if __name__ == "__main__":
    main()
