"""A webhook of any kind, from a terminal (`watch.py trigger message.image`)."""

import argparse
import json
import sys
import urllib.error
import urllib.request

from emulator.cloud_api.state.triggers import KINDS
from utils.broken_pipe import exit_quietly


def main() -> None:
    options = vars(_parser().parse_args())
    url = options.pop("url")
    body = json.dumps({name: value for name, value in options.items() if value is not None})
    try:
        request = urllib.request.Request(
            f"{url}/emulator/triggers", body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            print(f"{json.load(answer)['triggered']} is on its way to the bot.")
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["error"])
    except OSError:
        sys.exit(f"Nothing answers at {url}: start the bot first with `python3 watch.py`.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="watch.py trigger",
        description="Sends the bot a webhook.",
        epilog=f"kinds: {', '.join(KINDS)}",
    )
    parser.add_argument("kind", help="what happens, such as message.text or status.failed")
    parser.add_argument("--url", default="http://127.0.0.1:5001", help="where the emulator is")
    parser.add_argument("--from", default="15551234567", help="whose phone number")
    parser.add_argument("--name", help="their name on WhatsApp")
    parser.add_argument("--hide-phone", action="store_true", default=None, help="a username user")
    parser.add_argument("--body", help="what is said; of message.system, the new number")
    parser.add_argument("--id", help="of the button, row or message that it is about")
    parser.add_argument("--title", help="of the button or row")
    parser.add_argument("--emoji", help="of a reaction")
    parser.add_argument("--code", type=int, help="of the error of status.failed")
    return parser


if __name__ == "__main__":
    with exit_quietly():
        main()
