"""Runs checks one after the other, also after one of them has failed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

from app.doctor.finding import Check, Finding, Result, fail, skip
from utils.masking import mask

#: Longest time for one check; its own time limits are shorter.
PATIENCE = timedelta(seconds=60)
#: Results after which the checks that need this one are skipped.
NOTHING_TO_GO_ON = frozenset({Result.FAIL, Result.SKIP})


async def examine(
    checks: Sequence[Check], *, patience: timedelta = PATIENCE
) -> AsyncIterator[Finding]:
    """Yield each finding as soon as it is there; skip checks whose needed checks have failed."""
    unsuccessful: set[str] = set()
    for check in checks:
        missing = [name for name in check.needs if name in unsuccessful]
        if missing:
            findings: Sequence[Finding] = [skip(f"waits for: {', '.join(missing)}")]
        else:
            findings = await _run(check, patience)
        if any(finding.result in NOTHING_TO_GO_ON for finding in findings):
            unsuccessful.add(check.name)
        for finding in findings:
            yield replace(finding, name=check.name)


async def _run(check: Check, patience: timedelta) -> Sequence[Finding]:
    """The findings of a check; an error in it is a FAIL, so that the others still run."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            found = await check.examine()
    except TimeoutError:
        return [fail("took too long", "Find out what does not answer, then try again.")]
    except Exception as error:  # noqa: BLE001 - the other checks have to run all the same
        reason = " ".join([f"{type(error).__name__}:", *str(error).splitlines()[:1]])
        said = f"could not be checked: {mask(reason)}"
        return [fail(said, "This is a bug of `watch.py doctor`: report it with this line.")]
    return [found] if isinstance(found, Finding) else found
