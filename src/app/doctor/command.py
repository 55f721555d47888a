"""`watch.py doctor` tells whether this installation can work, and what to mend."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from app.development.supervisor import EMULATOR_FILE
from app.doctor.finding import Finding
from app.doctor.installation import look
from app.doctor.plan import live, offline
from app.doctor.printer import as_json, as_lines, is_well, summary, without_secrets
from app.doctor.runner import examine
from config.env import DEFAULT_FILE
from services.clients.http import make_http_client


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when nothing fails, 1 otherwise."""
    options = _parser().parse_args(arguments)
    return asyncio.run(_run(is_live=options.live, as_object=options.json))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="watch.py doctor", description=__doc__)
    parser.add_argument(
        "--live", action="store_true", help="ask Meta, the callback URL, Airtable and OpenAI too"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


async def _run(*, is_live: bool, as_object: bool) -> int:
    findings: list[Finding] = []
    async with make_http_client() as http:
        found = await look(os.environ, DEFAULT_FILE, EMULATOR_FILE, http)
        checks = [*offline(found, http), *(live(found, http) if is_live else ())]
        async for one in examine(checks):
            finding = without_secrets(one, found.secrets)
            findings.append(finding)
            if not as_object:
                _say(as_lines(finding))
    _say(as_json(findings) if as_object else summary(findings, live=is_live))
    return 0 if is_well(findings) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
