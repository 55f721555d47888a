"""The software bill of materials: what `requirements.txt` installs, as CycloneDX.

Source: cyclonedx.org/docs/1.6/json
"""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from typing import Any

from app.cli.version import ROOT

#: A line of the lock that names a package.
_LOCKED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", re.ASCII)
#: The name at the beginning of a requirement.
_REQUIRED = re.compile(r"[A-Za-z0-9._-]+")


def sbom(root: Path = ROOT, now: datetime | None = None) -> str:
    """Return the bill of the project as JSON; licences and dependencies of what is installed."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    application = f"{project['name']}@{project['version']}"
    locked = dict(_locked((root / "requirements.txt").read_text("utf-8")))
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            "component": {
                "type": "application",
                "bom-ref": application,
                "name": project["name"],
                "version": project["version"],
            },
        },
        "components": [_component(name, number) for name, number in sorted(locked.items())],
        "dependencies": list(_dependencies(application, locked)),
    }
    return json.dumps(bill, indent=2)


def _locked(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _LOCKED.match(line):
            yield _normal(found[1]), found[2]


def _component(name: str, number: str) -> dict[str, Any]:
    purl = _purl(name, number)
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": number,
        "purl": purl,
    }
    if licence := _licence(name):
        component["licenses"] = [licence]
    return component


def _licence(name: str) -> dict[str, Any] | None:
    """Return the licence of an installed package, as it declares it."""
    try:
        declared = metadata(name)
    except PackageNotFoundError:
        return None
    if expression := declared.get_all("License-Expression"):
        return {"expression": expression[0]}
    named = [one for one in declared.get_all("Classifier") or () if one.startswith("License ::")]
    texts = [one.rpartition(" :: ")[2] for one in named] or declared.get_all("License")
    return {"license": {"name": texts[0].splitlines()[0]}} if texts and texts[0] else None


def _dependencies(application: str, locked: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what each package needs, as far as the lock has it."""
    purls = {name: _purl(name, number) for name, number in sorted(locked.items())}
    yield {"ref": application, "dependsOn": list(purls.values())}
    for name, purl in purls.items():
        try:
            required = requires(name) or []
        except PackageNotFoundError:
            continue
        names = {_normal(found[0]) for one in required if (found := _REQUIRED.match(one))}
        yield {"ref": purl, "dependsOn": [purls[one] for one in sorted(names & purls.keys())]}


def _purl(name: str, number: str) -> str:
    return f"pkg:pypi/{name}@{number}"


def _normal(name: str) -> str:
    """Return a name as registries compare it: packaging.python.org, name normalization."""
    return re.sub(r"[-_.]+", "-", name).lower()
