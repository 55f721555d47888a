"""Message templates: those of the account, and how Meta reviews them.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_parameters import check_parameters
from emulator.cloud_api.rules.templates import read_components

#: Seconds of a review. A template with "reject" in its name is rejected.
REVIEW_SECONDS = 10.0
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
#: Meta's error codes for templates that it stopped.
UNSENDABLE = {"PAUSED": 132015, "DISABLED": 132016}
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
    #: in place of what the review decided: PAUSED, DISABLED
    decided: str | None = None
    quality: str = "UNKNOWN"
    previous_category: str | None = None
    #: whether the components were changed, which is told after the review
    is_edited: bool = False
    id: str = field(default_factory=lambda: str(secrets.randbelow(9 * 10**14) + 10**14))

    def status(self, now: float) -> str:
        if now < self.reviewed_at:
            return "PENDING"
        return self.decided or ("REJECTED" if "reject" in self.name else "APPROVED")

    def shown(self, now: float) -> dict[str, Any]:
        names = ("id", "name", "language", "category", "components", "parameter_format")
        status = self.status(now)
        more = {"previous_category": self.previous_category} if self.previous_category else {}
        return {name: getattr(self, name) for name in names} | {
            "status": status,
            "quality_score": {"score": self.quality},
            "rejected_reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
            **more,
        }

    def named(self) -> dict[str, Any]:
        """What every webhook says of it."""
        return {
            "message_template_id": int(self.id),
            "message_template_name": self.name,
            "message_template_language": self.language,
        }

    def review(self) -> dict[str, Any]:
        """Return what Meta reports at the end of a review."""
        is_approved = "reject" not in self.name
        return {
            "event": "APPROVED" if is_approved else "REJECTED",
            **self.named(),
            "message_template_category": self.category,
            "reason": "NONE" if is_approved else "INVALID_FORMAT",
        }

    def content(self) -> dict[str, Any]:
        """Return what Meta reports of new components."""
        texts = {one["type"]: one["text"] for one in self.components if one.get("text")}
        buttons = [each for one in self.components for each in one.get("buttons", [])]
        told = {
            "message_template_title": texts.get("HEADER"),
            "message_template_element": texts.get("BODY"),
            "message_template_footer": texts.get("FOOTER"),
            "message_template_buttons": [
                {"message_template_button_type": one["type"]}
                | {f"message_template_button_{name}": one[name] for name in one if name != "type"}
                for one in buttons
            ],
        }
        return self.named() | {name: value for name, value in told.items() if value}

    def change(self, field: str, value: str) -> dict[str, Any]:
        """Meta changes it of itself: returns what it reports then."""
        if field == "message_template_quality_update":
            before, self.quality = self.quality, value
            return self.named() | {"previous_quality_score": before, "new_quality_score": value}
        if field == "template_category_update":
            self.previous_category, self.category = self.category, value
            categories = {"previous_category": self.previous_category, "new_category": value}
            return self.named() | categories
        self.decided = None if value == "APPROVED" else value
        told = self.named() | {"event": value, "reason": "NONE"}
        if value == "PAUSED":
            told["other_info"] = {"title": "FIRST_PAUSE", "description": "Paused for 3 hours."}
        return told


#: What the page tells of, in two languages, as the ready template of the bot has it.
DEMO_TEXTS = {
    "en": "Dear {{supplier_name}}, purchase order {{po_number}} over {{total_amount}} has been "
    "approved. Please confirm that you have received it.",
    "es": "Hola, {{supplier_name}}: la orden de compra {{po_number}} por {{total_amount}} está "
    "aprobada. Confirma que la has recibido, por favor.",
}


class Templates:
    """Those of one account. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        hello = [{"type": "BODY", "text": "Welcome and congratulations!"}]
        self._told_until = clock()
        self._all = [Template("hello_world", "en_US", "UTILITY", hello, reviewed_at=0)]

    def add_demo_templates(self) -> None:
        """What the event of the phone page is sent as: approved already."""
        for language, text in DEMO_TEXTS.items():
            body = [{"type": "BODY", "text": text}]
            self._all.append(
                Template("po_notification", language, "UTILITY", body, 0, parameter_format="NAMED")
            )

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        category = str(given.get("category", "")).upper()
        form = str(given.get("parameter_format", "POSITIONAL")).upper()
        template = Template(
            str(given.get("name", "")),
            str(given.get("language", "")),
            category,
            read_components(given.get("components"), named=form == "NAMED", category=category),
            self._clock() + REVIEW_SECONDS,
            form,
        )
        if not NAME.fullmatch(template.name):
            raise GraphError(100, "name: lower-case letters, digits and _ only, at most 512.")
        if not template.language or template.category not in CATEGORIES:
            raise GraphError(100, f"language is required, and category: {', '.join(CATEGORIES)}.")
        if self.find(template.name, template.language):
            raise GraphError(2388024, "There is already such a template in this language.")
        self._all.append(template)
        return {"id": template.id, "status": "PENDING", "category": template.category}

    def edit(self, template_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        template = self.get(template_id)
        if template.status(self._clock()) == "PENDING":
            raise GraphError(100, "A template that is under review cannot be edited.")
        if "components" in given:
            named = template.parameter_format == "NAMED"
            made = read_components(given["components"], named=named, category=template.category)
            template.components, template.is_edited = made, True
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
        template = self.find(name, language)
        status = template.status(self._clock()) if template is not None else None
        if template is not None and status in UNSENDABLE:
            raise GraphError(UNSENDABLE[status], f"template ({name}) is {status} in {language}")
        if template is None or status != "APPROVED":
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        check_parameters(
            template.components,
            given.get("components") or [],
            named=template.parameter_format == "NAMED",
        )
        return template

    def find(self, name: str, language: str) -> Template | None:
        return next(
            (one for one in self._all if (one.name, one.language) == (name, language)), None
        )
