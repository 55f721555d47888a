"""A RabbitMQ of one's own: the program of a package, run in a temporary folder by any user."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

#: Where packages put the program itself: what is in PATH insists on a user of its own.
PLACES = ("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",)
#: Longest wait for a start, in seconds: a busy machine takes its time.
PATIENCE_SECONDS = 100.0


def program() -> Path | None:
    """Return the program; None where RabbitMQ is not installed."""
    found = sorted(path for place in PLACES for path in Path("/").glob(place.removeprefix("/")))
    return found[-1] if found and shutil.which("epmd") else None


class Broker:
    """One node, without plugins, that can be killed and started again with what it has stored."""

    def __init__(self, folder: Path, binary: Path) -> None:
        self._folder = folder
        self._binary = binary
        self.port, self._dist, self._epmd = _free_ports(3)
        self._processes: list[subprocess.Popen[bytes]] = []
        (folder / "plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text("")

    @property
    def url(self) -> str:
        """Address of the broker."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it; returns at once."""
        # The daemon that knows the ports of nodes would start by itself, and stay for good.
        epmd = ["epmd", "-address", "127.0.0.1", "-port", str(self._epmd)]
        for command in (epmd, [str(self._binary)]):
            with (self._folder / "output").open("ab") as output:
                process = subprocess.Popen(
                    command,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self._processes.append(process)

    def wait(self) -> None:
        """Wait until it takes connections."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not _answers(self.port):
            output = (self._folder / "output").read_text(errors="replace")
            assert self._processes[-1].poll() is None, output
            assert time.monotonic() < until, output
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it as it stands."""
        for process in self._processes:
            with suppress(ProcessLookupError):  # the script and what it began are one group
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self._processes.clear()

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "PATH": os.environ["PATH"],
            "HOME": folder,  # of the cookie
            "ERL_EPMD_PORT": str(self._epmd),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/no-such-file",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }


@contextmanager
def running_broker() -> Iterator[Broker]:
    """Start one and wait for it; its tests skip where RabbitMQ is not installed."""
    binary = program()
    if binary is None:
        pytest.skip("RabbitMQ is not installed: apt install rabbitmq-server")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        broker = Broker(Path(folder), binary)
        broker.start()
        try:
            broker.wait()
            yield broker
        finally:
            broker.kill()


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _answers(port: int) -> bool:
    """Return whether a broker speaks AMQP on a port: it answers a wrong greeting with its own."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x00\x00")
            return connection.recv(4) == b"AMQP"
    except OSError:
        return False
