"""A public address for this computer: ngrok or cloudflared, whichever is installed."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

#: Programs, and how they are told to lead to a port. Both print the address.
COMMANDS: Sequence[tuple[str, Sequence[str]]] = (
    ("ngrok", ("http", "{port}", "--log", "stdout", "--log-format", "logfmt")),
    ("cloudflared", ("tunnel", "--no-autoupdate", "--url", "http://127.0.0.1:{port}")),
)
#: Longest wait for the address, in seconds.
PATIENCE_SECONDS = 30.0
#: Lines of the program that are told when it fails.
TOLD_LINES = 5

_ADDRESS = re.compile(
    r"https://[a-z0-9][a-z0-9.-]*\.(?:trycloudflare\.com|ngrok(?:-free)?\.(?:app|dev|io))\b"
)


class TunnelError(Exception):
    """No address: with the last lines of the program."""


def installed() -> str | None:
    """Return the name of the program that is there; None without one."""
    return next((name for name, _ in COMMANDS if shutil.which(name)), None)


@asynccontextmanager
async def open_tunnel(name: str, port: int) -> AsyncIterator[str]:
    """Yield the https address of a tunnel to a port; raise TunnelError. It ends with the block."""
    arguments = dict(COMMANDS)[name]
    process = await asyncio.create_subprocess_exec(
        name,
        *(one.format(port=port) for one in arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None, "its output is a pipe"
    lines: list[str] = []
    try:
        address = await _address(process.stdout, lines)
    except TimeoutError:
        address = None
    reading = asyncio.create_task(_drain(process.stdout))
    try:
        if address is None:
            told = "\n".join(lines[-TOLD_LINES:])
            raise TunnelError(f"{name} gives no address:\n{told}")
        yield address
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await reading


async def _address(output: asyncio.StreamReader, lines: list[str]) -> str | None:
    """Return the address that the program prints; None if it ends without one."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await output.readline()).decode(errors="replace"):
            lines.append(line.rstrip())
            if found := _ADDRESS.search(line):
                return found[0]
    return None


async def _drain(output: asyncio.StreamReader) -> None:
    """Read on, so that the program never waits for its reader."""
    while await output.read(65_536):
        pass
