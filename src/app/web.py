"""The web process: `PYTHONPATH=src python -m app.web`. It also runs jobs, unless ROLE=web."""

import sys
from contextlib import suppress
from datetime import timedelta

import uvicorn

from app.main import create_app
from app.reload.restart import serve
from app.runtime.bootstrap import open_log, settings_or_exit, tell_warnings
from app.runtime.hardened_http_protocol import HardenedHttpProtocol
from config.env import Settings

#: Most connections that wait to be accepted, so that a burst of them is not refused.
MAX_WAITING_CONNECTIONS = 4096
#: Most open files that macOS allows (its OPEN_MAX).
MAX_MACOS_FILES = 10_240
#: Longest wait for open requests when the process stops.
SHUTDOWN_TIMEOUT = timedelta(seconds=10)


def make_server(settings: Settings) -> uvicorn.Server:
    """Build the server of the application, with limits for a public port."""
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
    """Serve until the process is told to stop."""
    settings = settings_or_exit()
    open_log(settings)
    tell_warnings(settings)
    allow_many_files()
    serve(make_server(settings))


def allow_many_files() -> None:
    """Raise the limit of open files: each connection is one, and a usual limit is 1,024."""
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ValueError, OSError):  # macOS reports "unlimited", and refuses it
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, MAX_MACOS_FILES), most))


if __name__ == "__main__":
    main()
