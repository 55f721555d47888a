"""Runs the emulators: `python -m emulator`."""

import socket
from contextlib import suppress

import uvicorn

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account


class Server(uvicorn.Server):
    """Ends at once, though pages that are open listen for ever."""

    def __init__(self, config: uvicorn.Config, account: Account) -> None:
        super().__init__(config)
        self._account = account

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._account.close()
        await super().shutdown(sockets)


def main() -> None:
    config = Config.from_environment()
    app = create_app(config, AirtableConfig.from_environment())
    served = uvicorn.Config(
        app,
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    with suppress(KeyboardInterrupt):  # by which it says, at the very end, why it ended
        Server(served, app.state.account).run()


if __name__ == "__main__":
    main()
