"""An emulated model for the time of one command: that of the emulator here, or of a new one."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

from app.composition.features import settings_models
from app.development.given_settings import given_settings
from app.development.plan import (
    EMULATED_ACCOUNT,
    EMULATED_OPENAI,
    EMULATOR_PREFIX,
    LOOPBACK,
    USUAL_EMULATOR_PORT,
)
from app.development.ports import choose_port
from app.development.programs import Program, answers
from app.development.supervisor import EMULATOR_FILE, emulator_url
from utils.commands import CommandError

HEALTH = "/emulator/health"
STOP_PATIENCE = timedelta(seconds=5)
#: Settings that name a model, or the account of a bot that talks to real people.
OWN = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "WP_ACCESS_TOKEN")


@contextlib.asynccontextmanager
async def with_model(
    environ: Mapping[str, str], env_file: Path, emulator_file: Path = EMULATOR_FILE
) -> AsyncIterator[Mapping[str, str]]:
    """Yield the environment that `watch.py` gives a bot whose settings need a model.

    Without a model of its own, and without an account at Meta, it is the emulated one. Raises
    CommandError if no emulator starts.
    """
    given = given_settings(environ, env_file, settings_models())
    is_production = given.get("ENVIRONMENT") == "production"
    if is_production or any(name in given for name in OWN):
        yield environ
        return
    url = emulator_url(emulator_file)
    if url is not None and await answers(url + HEALTH):
        yield _emulated(environ, given, url)
        return
    async with _emulator(environ) as own_url:
        yield _emulated(environ, given, own_url)


def _emulated(environ: Mapping[str, str], given: Mapping[str, str], url: str) -> dict[str, str]:
    account = {name: value for name, value in EMULATED_ACCOUNT.items() if name not in given}
    model = {**EMULATED_OPENAI, "OPENAI_BASE_URL": f"{url}/openai/v1"}
    return {"ENVIRONMENT": "development", **environ, **account, **model}


@contextlib.asynccontextmanager
async def _emulator(environ: Mapping[str, str]) -> AsyncIterator[str]:
    """Run an emulator that keeps nothing, and yield its address."""
    port = choose_port(LOOPBACK, USUAL_EMULATOR_PORT, taken=())
    others = {name: one for name, one in environ.items() if not name.startswith(EMULATOR_PREFIX)}
    url = f"http://{LOOPBACK}:{port}"
    program = Program(["emulator"], {**others, "EMULATOR_PORT": str(port)}, url, HEALTH)
    running = await program.start()
    try:
        if not await running.ready():
            raise CommandError("The emulator does not start: python3 watch.py says why.")
        yield url
    finally:
        await running.stop(patience=STOP_PATIENCE)
