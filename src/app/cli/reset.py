"""Starts people afresh while the bot is developed."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import make_url

from app.cli.local_database import is_missing
from app.composition.database import migrated_engine, only_process
from app.composition.features import require_declared_tables, settings_models
from app.composition.pools import declared_pools
from app.development.fresh_start import PeopleForgetter
from app.development.given_settings import given_settings
from app.development.plan import AIRTABLE_FILE, WHATSAPP_FOLDER
from app.development.supervisor import emulator_url, runs_already
from config.env import DEFAULT_FILE, SettingsError, load_database_url
from services.erasure import Eraser
from storage.engine.database import DatabaseError
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError

PROGRAM = [sys.executable, "-m", "emulator.cli.reset"]


def require_development() -> None:
    """Raise CommandError where real people could be meant."""
    given = given_settings(os.environ, DEFAULT_FILE, settings_models())
    environment = given.get("ENVIRONMENT", "development")
    if environment != "development":
        raise CommandError(f"reset is for development, and ENVIRONMENT is {environment}.")
    if "WP_ACCESS_TOKEN" in given:
        raise CommandError(
            "reset is for the emulator, and WP_ACCESS_TOKEN is set: the bot talks to people at "
            "Meta. Operators can erase a person (docs/operators.md)."
        )


def reset(person: str | None) -> int:
    """Start a person afresh, or everyone; return the exit code. Raise CommandError."""
    require_development()
    named = [] if person is None else [person]
    if runs_already():
        return subprocess.call([*PROGRAM, "--url", str(emulator_url()), *named])
    command = [*PROGRAM, "--folder", str(WHATSAPP_FOLDER), "--airtable", str(AIRTABLE_FILE), *named]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        return done.returncode
    _erase(json.loads(done.stdout) if named else None)
    print(f"{person or 'Everyone'} starts afresh.")
    return 0


def _erase(people: Sequence[str] | None) -> None:
    """Erase people from the database of a bot that does not run."""
    try:
        if is_missing():
            return
        require_declared_tables()
        url = load_database_url()
        file = make_url(url).database if url.startswith("sqlite") else None
        with only_process(Path(file)) if file else nullcontext():
            asyncio.run(_forget(url, people))
    except (SettingsError, DatabaseError) as error:
        raise CommandError(str(error)) from error


async def _forget(url: str, people: Sequence[str] | None) -> None:
    database = GroupCommit(migrated_engine(url))
    try:
        quoting = [one.name for one in declared_pools() if one.quotes_people]
        await PeopleForgetter(Eraser(database, (), quoting)).forget(people)
    finally:
        await database.close()
