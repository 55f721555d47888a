"""Message templates: those of the account, and how Meta reviews them.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.templates import check_parameters, read_components

#: Seconds of a review. A template with "reject" in its name is rejected.
REVIEW_SECONDS = 10.0
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
NAME = re.compile(r"[a-z0-9_]{1,512}")


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

    def review(self) -> dict[str, Any]:
        """Return what Meta reports at the end of a review."""
        is_approved = "reject" not in self.name
        return {
            "event": "APPROVED" if is_approved else "REJECTED",
            "message_template_id": int(self.id),
            "message_template_name": self.name,
            "message_template_language": self.language,
            "message_template_category": self.category,
            "reason": "NONE" if is_approved else "INVALID_FORMAT",
        }


class Templates:
    """Those of one account. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        hello = [{"type": "BODY", "text": "Welcome and congratulations!"}]
        self._told_until = clock()
        self._all = [Template("hello_world", "en_US", "UTILITY", hello, reviewed_at=0)]

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        template = Template(
            str(given.get("name", "")),
            str(given.get("language", "")),
            str(given.get("category", "")).upper(),
            read_components(given.get("components")),
            self._clock() + REVIEW_SECONDS,
            str(given.get("parameter_format", "POSITIONAL")).upper(),
        )
        if not NAME.fullmatch(template.name):
            raise GraphError(100, "name: lower-case letters, digits and _ only, at most 512.")
        if not template.language or template.category not in CATEGORIES:
            raise GraphError(100, f"language is required, and category: {', '.join(CATEGORIES)}.")
        if self._find(template.name, template.language):
            raise GraphError(2388024, "There is already such a template in this language.")
        self._all.append(template)
        return {"id": template.id, "status": "PENDING", "category": template.category}

    def edit(self, template_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        template = self.get(template_id)
        if template.status(self._clock()) == "PENDING":
            raise GraphError(100, "A template that is under review cannot be edited.")
        if "components" in given:
            template.components = read_components(given["components"])
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

    def newly_reviewed(self) -> list[Template]:
        """Those whose review has ended since this was asked last."""
        now = self._clock()
        found = [one for one in self._all if self._told_until < one.reviewed_at <= now]
        self._told_until = now
        return found

    def check_send(self, given: Mapping[str, Any]) -> Template:
        """The template of a message, refused if it is not there, not approved, or does not fit."""
        name, language = given["name"], given["language"]["code"]
        template = self._find(name, language)
        if template is None or template.status(self._clock()) != "APPROVED":
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        check_parameters(
            template.components,
            given.get("components") or [],
            named=template.parameter_format == "NAMED",
        )
        return template

    def _find(self, name: str, language: str) -> Template | None:
        return next(
            (one for one in self._all if (one.name, one.language) == (name, language)), None
        )
