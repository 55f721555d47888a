"""Findings as lines for people and as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.doctor.finding import Finding, Result

#: Shortest secret that is removed from texts, in characters; shorter ones occur in words.
MIN_SECRET_CHARS = 8
LIVE_HINT = "To check the account at Meta as well: python3 watch.py doctor --live"


def without_secrets(finding: Finding, secrets: Iterable[str]) -> Finding:
    """Remove our secrets from a finding: other programs may quote them in their answers."""
    said, fix = finding.said, finding.fix
    for secret in secrets:
        if len(secret) >= MIN_SECRET_CHARS:
            said, fix = (text.replace(secret, "[secret]") for text in (said, fix))
    return replace(finding, said=said, fix=fix)


def is_well(findings: Iterable[Finding]) -> bool:
    """Return True when nothing fails."""
    return all(finding.result is not Result.FAIL for finding in findings)


def as_lines(finding: Finding) -> str:
    """Return a finding as one line, with the fix on a second one."""
    line = f"{finding.result:<4}  {finding.name}: {finding.said}"
    return f"{line}\n      {finding.fix}" if finding.fix else line


def summary(findings: Sequence[Finding], *, suggests_live: bool) -> str:
    """Return the last line: the names of the checks that fail or warn."""
    parts, named = [], set[str]()
    for result, words in ((Result.FAIL, "To fix"), (Result.WARN, "To look at")):
        names = dict.fromkeys(found.name for found in findings if found.result is result)
        if new := [name for name in names if name not in named]:
            parts.append(f"{words}: {', '.join(new)}.")
        named.update(names)
    return " ".join([*(parts or ["Nothing to fix."]), *([LIVE_HINT] if suggests_live else [])])


def as_json(findings: Sequence[Finding]) -> str:
    """Return {"ok": bool, "checks": [{"name", "result", "said", "fix"}]}."""
    checks = [
        {"name": found.name, "result": found.result, "said": found.said, "fix": found.fix}
        for found in findings
    ]
    return json.dumps({"ok": is_well(findings), "checks": checks}, indent=2)
