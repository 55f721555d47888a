"""The web process: `PYTHONPATH=src python -m app.web`. Unless ROLE=web, it does the work, too."""

import sys
from contextlib import suppress
from datetime import timedelta

import uvicorn

from app.main import create_app
from app.runtime.bootstrap import open_log, settings_or_exit
from app.runtime.hardened_http_protocol import HardenedHttpProtocol
from config.env import Settings

#: What waits to be accepted: a burst of new connections is no reason to refuse any.
MAX_WAITING_CONNECTIONS = 4096
#: Its OPEN_MAX; it takes no more for an answer.
MAX_MACOS_FILES = 10_240
#: For requests that are being answered when the process is told to stop.
SHUTDOWN_TIMEOUT = timedelta(seconds=10)


def make_server(settings: Settings) -> uvicorn.Server:
    """A server that is careful with strangers, of the whole application."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http=HardenedHttpProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        backlog=MAX_WAITING_CONNECTIONS,
        timeout_graceful_shutdown=int(SHUTDOWN_TIMEOUT.total_seconds()),
    )
    return uvicorn.Server(config)


def main() -> None:
    settings = settings_or_exit()
    open_log(settings)
    allow_many_files()
    make_server(settings).run()


def allow_many_files() -> None:
    """As many as the system lets us have: each connection is one, and a usual limit is 1,024."""
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ValueError, OSError):  # macOS says "unlimited" and does not mean it
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, MAX_MACOS_FILES), most))


if __name__ == "__main__":
    main()
