"""The check of voice calls."""

from collections.abc import Iterator
from functools import partial

from domain.checks import Check, Finding, fail, ok, skip
from features.calls.extra import has_extra
from features.calls.settings import CallSettings
from services.setup import CheckSetup

INSTALL = "uv pip install --python .venv/bin/python --require-hashes -r requirements-calls.txt"


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the packages that calls need."""
    settings = setup.settings_of(CallSettings)
    if settings is not None:
        yield Check("calls", partial(check_calls, is_on=settings.calls_enabled))


async def check_calls(*, is_on: bool) -> Finding:
    """Say whether calls are answered, and what is missing."""
    if not is_on:
        return skip("off: who calls gets a message; CALLS_ENABLED=true answers (docs/calls.md)")
    if not has_extra():
        return fail("CALLS_ENABLED is true, and aiortc, which carries audio, is missing", INSTALL)
    return ok("answered; `watch.py calls settings` shows whether Meta lets people call")
