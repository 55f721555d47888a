"""The software bill of materials, from the lock and from what is installed."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.commands import main
from app.cli.sbom import sbom

ROOT = Path(__file__).parents[2]


def test_the_bill_has_everything_of_the_lock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["sbom"]) == 0
    bill = json.loads(capsys.readouterr().out)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    lock = (ROOT / "requirements.txt").read_text()
    locked = re.findall(r"^([\w.-]+)==([^ ;]+)", lock, re.MULTILINE)
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    assert listed == {(name.lower(), version) for name, version in locked}
    by_name = {one["name"]: one for one in bill["components"]}
    assert by_name["fastapi"]["purl"].startswith("pkg:pypi/fastapi@")
    assert by_name["fastapi"]["licenses"]
    references = {one["bom-ref"] for one in bill["components"]}
    [starlette] = [one for one in references if one.startswith("pkg:pypi/starlette@")]
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert starlette in needs[by_name["fastapi"]["purl"]]
    assert references.issuperset(one for refs in needs.values() for one in refs)


def test_a_package_that_is_not_installed_is_listed_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "bot"\nversion = "1.2"\n')
    (tmp_path / "requirements.txt").write_text("No_Such.Package==1.0 \\\n    --hash=sha256:0\n")
    bill = json.loads(sbom(tmp_path, datetime(2026, 11, 26, tzinfo=UTC)))
    [component] = bill["components"]
    assert component == {
        "type": "library",
        "bom-ref": "pkg:pypi/no-such-package@1.0",
        "name": "no-such-package",
        "version": "1.0",
        "purl": "pkg:pypi/no-such-package@1.0",
    }
    assert bill["metadata"]["timestamp"] == "2026-11-26T00:00:00+00:00"
