"""Findings as people and programs read them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.doctor.finding import Finding, Result

#: Shorter ones stand in ordinary words, too.
SHORTEST_SECRET = 8


def without_secrets(finding: Finding, secrets: Iterable[str]) -> Finding:
    """Whatever another program answered, none of our secrets is printed."""
    said, fix = finding.said, finding.fix
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            said, fix = (text.replace(secret, "[secret]") for text in (said, fix))
    return replace(finding, said=said, fix=fix)


def is_well(findings: Iterable[Finding]) -> bool:
    return all(one.result is not Result.FAIL for one in findings)


def as_lines(finding: Finding) -> str:
    told = f"{finding.result:<4}  {finding.name}: {finding.said}"
    return f"{told}\n      {finding.fix}" if finding.fix else told


def summary(findings: Sequence[Finding], *, live: bool) -> str:
    """The last line."""
    told = ""
    for result, words in ((Result.FAIL, "To mend"), (Result.WARN, "To look at")):
        if names := dict.fromkeys(one.name for one in findings if one.result is result):
            told += f"{words}: {', '.join(names)}. "
    told = told.strip() or "Nothing to mend."
    return told if live else f"{told} To ask Meta as well: python3 watch.py doctor --live"


def as_json(findings: Sequence[Finding]) -> str:
    """{"ok": bool, "checks": [{"name", "result", "said", "fix"}]}"""
    checks = [
        {"name": one.name, "result": one.result, "said": one.said, "fix": one.fix}
        for one in findings
    ]
    return json.dumps({"ok": is_well(findings), "checks": checks}, indent=2)
