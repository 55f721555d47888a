"""Chaos from a terminal: `python -m emulator.cli.chaos error_500=0.1 latency=2`."""

import argparse
import json
import sys
import urllib.error
import urllib.request
from typing import Any

from utils.broken_pipe import exit_quietly


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="watch.py chaos", description="Shows what may go wrong in the emulator, or changes it."
    )
    parser.add_argument("--url", default="http://127.0.0.1:5001", help="where the emulator is")
    parser.add_argument("changes", nargs="*", metavar="name=value", help="or: off")
    options = parser.parse_args()
    try:
        switches = _ask(f"{options.url}/emulator/chaos", _body(options.changes))
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["error"])
    except OSError:
        sys.exit(f"Nothing answers at {options.url}: start the bot first with `python3 watch.py`.")
    for one in switches:
        mark = " " if one["value"] == one["usual"] else "*"
        print(f"{mark} {one['name']:<13} {one['value']:<6} {one['about']}")


def _body(changes: list[str]) -> bytes | None:
    if not changes:
        return None
    if changes == ["off"]:
        return b'{"off": true}'
    pairs = [change.partition("=") for change in changes]
    return json.dumps({name: value for name, _, value in pairs}).encode()


def _ask(url: str, body: bytes | None) -> list[dict[str, Any]]:
    with urllib.request.urlopen(
        urllib.request.Request(url, body, {"Content-Type": "application/json"})
    ) as answer:
        switches: list[dict[str, Any]] = json.load(answer)
    return switches


if __name__ == "__main__":
    with exit_quietly():
        main()
