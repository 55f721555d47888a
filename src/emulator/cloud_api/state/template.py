"""One message template, and what Meta reports about it.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import secrets
from dataclasses import dataclass, field
from typing import Any


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
            "quality_score": {"score": self.quality, "date": int(self.reviewed_at)},
            "rejected_reason": "INVALID_FORMAT" if status == "REJECTED" else "NONE",
            **more,
        }

    @property
    def asks_for_calls(self) -> bool:
        """Whether it asks for the permission to call."""
        return any(one.get("type") == "CALL_PERMISSION_REQUEST" for one in self.components)

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
