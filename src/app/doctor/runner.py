"""Runs checks one after the other, whatever becomes of any of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

from app.doctor.finding import Check, Finding, Result, fail, skip
from utils.masking import mask

#: Each question has a time limit of its own, which is shorter.
PATIENCE = timedelta(seconds=60)
#: Whoever builds on these has nothing to look at.
NOTHING_TO_GO_ON = frozenset({Result.FAIL, Result.SKIP})


async def examine(
    checks: Sequence[Check], *, patience: timedelta = PATIENCE
) -> AsyncIterator[Finding]:
    """What is found, as soon as it is. A check is skipped while one that it needs has failed."""
    without: set[str] = set()
    for check in checks:
        missing = [name for name in check.needs if name in without]
        if missing:
            found: Sequence[Finding] = [skip(f"waits for: {', '.join(missing)}")]
        else:
            found = await _survive(check, patience)
        if any(one.result in NOTHING_TO_GO_ON for one in found):
            without.add(check.name)
        for one in found:
            yield replace(one, name=check.name)


async def _survive(check: Check, patience: timedelta) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(patience.total_seconds()):
            found = await check.examine()
    except TimeoutError:
        return [fail("took too long", "Find out what does not answer, then try again.")]
    except Exception as error:  # noqa: BLE001 - the others are to be looked at all the same
        reason = " ".join([f"{type(error).__name__}:", *str(error).splitlines()[:1]])
        said = f"could not be looked at: {mask(reason)}"
        return [fail(said, "This is a mistake of the doctor: report it with this line.")]
    return [found] if isinstance(found, Finding) else found
