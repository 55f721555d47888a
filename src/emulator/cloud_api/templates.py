"""Message templates: what Meta takes as one, how it reviews them, and what fits one.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.errors import GraphError

#: Seconds that a review takes. A name that says "reject" is rejected.
REVIEW_SECONDS = 10.0
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
NAME = re.compile(r"[a-z0-9_]{1,512}")
#: the text of a component, in characters
LONGEST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MOST_BUTTONS = 10
LONGEST_BUTTON = 25
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(slots=True)
class Template:
    """One template in one language."""

    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    reviewed_at: float
    parameter_format: str = "POSITIONAL"
    id: str = field(default_factory=lambda: str(secrets.randbelow(9 * 10**14) + 10**14))

    def status(self, now: float) -> str:
        if now < self.reviewed_at:
            return "PENDING"
        return "REJECTED" if "reject" in self.name else "APPROVED"

    def shown(self, now: float) -> dict[str, Any]:
        names = ("id", "name", "language", "category", "components", "parameter_format")
        return {name: getattr(self, name) for name in names} | {"status": self.status(now)}

    def variables(self, component: str) -> int:
        """How many different ones a component has."""
        texts = [one.get("text", "") for one in self.components if one["type"] == component]
        return len({name for text in texts for name in VARIABLE.findall(text)})


class Templates:
    """Those of one account. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        hello = [{"type": "BODY", "text": "Welcome and congratulations!"}]
        self._all = [Template("hello_world", "en_US", "UTILITY", hello, reviewed_at=0)]

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        template = Template(
            str(given.get("name", "")),
            str(given.get("language", "")),
            str(given.get("category", "")).upper(),
            _components(given.get("components")),
            self._clock() + REVIEW_SECONDS,
            str(given.get("parameter_format", "POSITIONAL")).upper(),
        )
        if not NAME.fullmatch(template.name):
            raise GraphError(100, "name: lower-case letters, digits and _ only, at most 512.")
        if not template.language or template.category not in CATEGORIES:
            raise GraphError(100, f"language is required, and category: {', '.join(CATEGORIES)}.")
        if self._find(template.name, template.language):
            raise GraphError(100, "There is already such a template in this language.")
        self._all.append(template)
        return {"id": template.id, "status": "PENDING", "category": template.category}

    def edit(self, template_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        template = self.get(template_id)
        if template.status(self._clock()) == "PENDING":
            raise GraphError(100, "A template that is under review cannot be edited.")
        if "components" in given:
            template.components = _components(given["components"])
        template.reviewed_at = self._clock() + REVIEW_SECONDS
        return {"success": True}

    def delete(self, name: str | None, template_id: str | None) -> dict[str, Any]:
        """All languages of a name, or one by its id as well."""
        gone = [one for one in self._all if one.name == name and template_id in (None, "", one.id)]
        if not gone:
            raise GraphError(100, f"There is no template {name}.")
        self._all = [one for one in self._all if one not in gone]
        return {"success": True}

    def listed(self, **wanted: str | None) -> list[dict[str, Any]]:
        shown = [one.shown(self._clock()) for one in self._all]
        given = {name: value for name, value in wanted.items() if value}
        return [one for one in shown if all(one[name] == value for name, value in given.items())]

    def get(self, template_id: str) -> Template:
        for one in self._all:
            if one.id == template_id:
                return one
        raise GraphError(100, "There is no such template.", subcode=33)

    def knows(self, template_id: str) -> bool:
        return any(one.id == template_id for one in self._all)

    def check_send(self, given: Mapping[str, Any]) -> None:
        """Refuse a message of a template that is not there or approved, or does not fit."""
        name, language = given["name"], given["language"]["code"]
        template = self._find(name, language)
        if template is None or template.status(self._clock()) != "APPROVED":
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        for component in ("HEADER", "BODY"):
            expected, found = template.variables(component), _parameters(given, component)
            if found != expected:
                raise GraphError(
                    132000,
                    f"{component.lower()}: number of localizable_params ({found}) does not match "
                    f"the expected number of params ({expected})",
                )

    def _find(self, name: str, language: str) -> Template | None:
        return next(
            (one for one in self._all if (one.name, one.language) == (name, language)), None
        )


def _components(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise GraphError(100, "components is a list of objects.")
    made = [{**one, "type": str(one.get("type", "")).upper()} for one in given]
    if [one["type"] for one in made].count("BODY") != 1:
        raise GraphError(100, "A template has exactly one component of type BODY.")
    for one in made:
        most = LONGEST.get(one["type"])
        if most is not None and len(str(one.get("text", ""))) > most:
            raise GraphError(100, f"{one['type']} is too long. Max length is {most}")
        buttons = one.get("buttons", [])
        if len(buttons) > MOST_BUTTONS:
            raise GraphError(100, f"A template has at most {MOST_BUTTONS} buttons.")
        if any(len(str(button.get("text", ""))) > LONGEST_BUTTON for button in buttons):
            raise GraphError(100, f"A button is too long. Max length is {LONGEST_BUTTON}")
    return made


def _parameters(given: Mapping[str, Any], component: str) -> int:
    parts = [
        one
        for one in given.get("components") or []
        if str(one.get("type", "")).upper() == component
    ]
    texts = [each for one in parts for each in one.get("parameters") or []]
    return sum(1 for each in texts if each.get("type", "text") == "text")
