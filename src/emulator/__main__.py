"""Runs the emulator: `python -m emulator`."""

import uvicorn

from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config

if __name__ == "__main__":
    config = Config.from_environment()
    uvicorn.run(
        create_emulator(config),
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,  # pages that are open listen for ever
    )
