"""The command `watch.py doctor`."""

import asyncio
import os
import sys
from collections.abc import Iterable
from functools import partial

import httpx

from app.composition.features import FeatureError
from app.development.supervisor import EMULATOR_FILE
from app.doctor.definitions import unusable_features
from app.doctor.installation import inspect_installation
from app.doctor.plan import all_checks, offline_checks, with_needed
from app.doctor.printer import as_json, as_lines, is_well, summary, without_secrets
from app.doctor.runner import examine
from config.env import DEFAULT_FILE
from domain.checks import Check, Finding, Result
from services.clients.http import make_http_client


def run_doctor(*, is_live: bool = False, as_object: bool = False, only: str | None = None) -> int:
    """Check this installation and print the findings, as lines or as one JSON object.

    `is_live` adds the checks that ask other computers. `only` names the one check to run, with
    those that it needs. Returns the exit code: 1 when a check fails, or `only` has nothing to
    check.
    """
    findings = asyncio.run(_run(is_live=is_live, prints=not as_object, only=only))
    is_skipped = any(found.name == only and found.result is Result.SKIP for found in findings)
    if as_object:
        _say(as_json(findings))
    elif is_skipped:
        _say(f"Not checked: {only}.")
    else:
        _say(summary(findings, suggests_live=not is_live and only is None))
    return 0 if is_well(findings) and not is_skipped else 1


async def _run(*, is_live: bool, prints: bool, only: str | None) -> list[Finding]:
    findings: list[Finding] = []
    async with make_http_client() as http:
        try:
            checks, secrets = await _plan(http, is_live=is_live, only=only)
        except FeatureError as error:  # without the features, nothing else is known
            checks, secrets = [Check("features", partial(unusable_features, error))], []
        async for found in examine(checks):
            finding = without_secrets(found, secrets)
            findings.append(finding)
            if prints:
                _say(as_lines(finding))
    return findings


async def _plan(
    http: httpx.AsyncClient, *, is_live: bool, only: str | None
) -> tuple[list[Check], list[str]]:
    """Return the checks to run, and what must not be printed."""
    installation = await inspect_installation(
        os.environ, DEFAULT_FILE, EMULATOR_FILE, http, needs_account=is_live
    )
    checks: Iterable[Check] = all_checks(installation, http)
    if only is not None:
        checks = with_needed(checks, only)
    elif not is_live:
        checks = offline_checks(checks)
    return list(checks), installation.secrets


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
