"""Runs the emulators: `python -m emulator`."""

import uvicorn

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config

if __name__ == "__main__":
    config = Config.from_environment()
    uvicorn.run(
        create_app(config, AirtableConfig.from_environment()),
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,  # pages that are open listen for ever
    )
