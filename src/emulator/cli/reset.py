"""Starts a person, or everyone, afresh: `watch.py reset`."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

import aiohttp

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.fresh_start import find_person, forget, identifiers
from emulator.state_folder import StateFolder

NOT_YET = "The bot is not running: it forgets at its next start."


async def reset_running(url: str, person: str | None) -> str:
    """Have a running emulator, and its bot, start somebody afresh; return what it says.

    Raise ValueError if nobody is called so.
    """
    asked = {} if person is None else {"person": person}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/emulator/reset", json=asked) as answer,
    ):
        told = await answer.json()
    if answer.status != 200:
        raise ValueError(told["error"])
    done = f"{told['name'] or 'Everyone'} starts afresh."
    return done if told["is_done"] else f"{done} {NOT_YET}"


async def reset_files(files: AirtableConfig, folder: Path, person: str | None) -> list[str]:
    """Start somebody afresh in the files of an emulator that does not run.

    Return their identifiers; for everyone, those of all. Raise ValueError if nobody is called so.
    """
    emulators = create_app(Config(state_folder=folder), files).state
    account: Account = emulators.account
    account.people.resume()
    found = None if person is None else find_person(account, person)
    forgotten = identifiers([found] if found else account.people)
    forget(account, found)
    account.on_forgotten(forgotten)
    emulators.workspace.bases.save()
    await StateFolder(folder, account).save()
    return forgotten


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("person", nargs="?")
    parser.add_argument("--url", help="a running emulator")
    parser.add_argument("--folder", type=Path, help="state of one that does not run")
    parser.add_argument("--airtable", type=Path, help="file of the emulated Airtable")
    given = parser.parse_args()
    try:
        if given.url:
            print(asyncio.run(reset_running(given.url, given.person)))
        else:
            files = AirtableConfig(file=given.airtable)
            print(json.dumps(asyncio.run(reset_files(files, given.folder, given.person))))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except aiohttp.ClientError:
        print("The emulator does not answer.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
