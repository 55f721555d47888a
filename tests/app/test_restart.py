"""SIGUSR1 restarts a process, and only with settings that start."""

import os
import socket
import sys

import pytest
from tests.fakes.written_settings import COMPLETE

from app.reload.restart import SOCKETS, Restart, inherited_sockets


def make(monkeypatch: pytest.MonkeyPatch, **given: str) -> tuple[Restart, list[str]]:
    """Return what restarts a process with these settings, and what it has done."""
    monkeypatch.setattr(os, "environ", dict(given))
    done: list[str] = []
    return Restart(lambda: done.append("stop")), done


def test_a_restart_stops_once_and_starts_the_same_program_with_its_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    restart, done = make(monkeypatch, **COMPLETE)
    monkeypatch.setattr(os, "execv", lambda program, command: done.append(f"{program} {command}"))
    restart.start_again()
    restart.ask()
    restart.ask()
    assert done == ["stop"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        restart.start_again([listening])
        assert done[1:] == [f"{sys.executable} {[sys.executable, *sys.orig_argv[1:]]}"]
        assert os.environ[SOCKETS] == str(listening.fileno())
        assert os.get_inheritable(listening.fileno())
        inherited = inherited_sockets()
        assert inherited is not None
        assert inherited[0].getsockname() == listening.getsockname()
        inherited[0].detach()
    assert inherited_sockets() is None


def test_wrong_settings_are_told_and_the_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    restart, done = make(monkeypatch, **{**COMPLETE, "PORT": "none"})
    restart.ask()
    assert not restart.is_asked
    assert done == []
