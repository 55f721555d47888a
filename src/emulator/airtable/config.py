"""How the emulated Airtable is set up."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AirtableConfig:
    """One token, and one base that is there from the start."""

    token: str = "emulated-airtable-token"
    base_id: str = "appEmulatedBase00"
    #: requests to one base in a second; 0 is no limit
    per_second: int = 5
    #: requests in a month; 0 is no limit
    per_month: int = 0
    #: file of all bases; None keeps nothing
    file: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "AirtableConfig":
        """EMULATOR_AIRTABLE_TOKEN, ..._BASE_ID, ..._PER_SECOND, ..._PER_MONTH and ..._FILE."""

        usual = cls()

        def given(name: str) -> str:
            known = environ.get(f"EMULATOR_AIRTABLE_{name.upper()}")
            return known or str(getattr(usual, name) or "")

        file = given("file")
        return cls(
            given("token"),
            given("base_id"),
            int(given("per_second") or 0),
            int(given("per_month") or 0),
            Path(file) if file else None,
        )
