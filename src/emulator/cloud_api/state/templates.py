"""Message templates: those of the account, and how Meta reviews them.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.languages import LANGUAGES
from emulator.cloud_api.rules.template_errors import refusal
from emulator.cloud_api.rules.template_parameters import check_parameters
from emulator.cloud_api.rules.templates import read_components
from emulator.cloud_api.state.template import Template

#: The template of each new account, word for word.
HELLO_WORLD: list[dict[str, Any]] = [
    {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
    {
        "type": "BODY",
        "text": "Welcome and congratulations!! This message demonstrates your ability to send a "
        "WhatsApp message notification from the Cloud API, hosted by Meta. Thank you for taking "
        "the time to test with us.",
    },
    {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
]
#: What the page tells of, in two languages, as the ready template of the bot has it.
DEMO_TEXTS = {
    "en": "Hello {{1}}, you have received a new purchase order {{2}} for a total of {{3}}. "
    "Please confirm that you have received it.",
    "es": "Hola {{1}}, has recibido una nueva orden de compra {{2}} por un total de {{3}}. "
    "Por favor, confirma que la has recibido.",
    "pt_BR": "Olá, {{1}}! Você recebeu uma nova ordem de compra, {{2}}, no valor total de {{3}}. "
    "Por favor, confirme o recebimento.",
}
#: Seconds of a review. A template with "reject" in its name is rejected.
REVIEW_SECONDS = 10.0
#: Most templates of a business that is verified.
MAX_TEMPLATES = 6_000
#: Filters that are words of a text.
CONTAINING = frozenset({"content", "name_or_content"})
FORMATS = ("POSITIONAL", "NAMED")
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
#: Meta's error codes for templates that it stopped.
UNSENDABLE = {"PAUSED": 132015, "DISABLED": 132016}
NAME = re.compile(r"[a-z0-9_]{1,512}")


class Templates:
    """Those of one account. `clock` gives seconds since 1970."""

    NOT_KEPT: ClassVar = frozenset({"_clock"})

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told_until = clock()
        self._all = [Template("hello_world", "en_US", "UTILITY", HELLO_WORLD, reviewed_at=0)]

    def add_demo_templates(self) -> None:
        """What the event of the phone page is sent as: approved already."""
        for language, text in DEMO_TEXTS.items():
            body = [{"type": "BODY", "text": text}]
            self._all.append(Template("po_notification", language, "UTILITY", body, 0))

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name, language = str(given.get("name", "")), str(given.get("language", ""))
        category = str(given.get("category", "")).upper()
        form = str(given.get("parameter_format") or "POSITIONAL").upper()
        if not NAME.fullmatch(name):
            raise GraphError(100, "name: lower-case letters, digits and _ only, at most 512.")
        if language not in LANGUAGES:
            raise GraphError(100, f"language {language!r} is not one of Meta's, such as en or es.")
        if category not in CATEGORIES:
            raise GraphError(100, f"category is one of {', '.join(CATEGORIES)}.")
        if form not in FORMATS:
            raise GraphError(100, f"parameter_format is one of {', '.join(FORMATS)}.")
        named = form == "NAMED"
        components = read_components(given.get("components"), named=named, category=category)
        same = [one for one in self._all if one.name == name]
        if any(one.language == language for one in same):
            text = "There is already content in this language for this template."
            raise refusal(2388024, text)
        if any(one.category != category for one in same):
            raise GraphError(100, "All languages of a template have the same category.")
        if len(self._all) >= MAX_TEMPLATES:
            raise refusal(2388019, f"An account has at most {MAX_TEMPLATES} templates.")
        reviewed_at = self._clock() + REVIEW_SECONDS
        template = Template(name, language, category, components, reviewed_at, form)
        self._all.append(template)
        return {"id": template.id, "status": "PENDING", "category": template.category}

    def edit(self, template_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        template = self.get(template_id)
        if template.status(self._clock()) == "PENDING":
            raise refusal(2388039, "A template that is under review cannot be edited.")
        if "components" in given:
            named = template.parameter_format == "NAMED"
            made = read_components(given["components"], named=named, category=template.category)
            template.components, template.is_edited = made, True
        template.reviewed_at = self._clock() + REVIEW_SECONDS
        return {"success": True}

    def delete(self, name: str | None, ids: Collection[str]) -> dict[str, Any]:
        """All languages of a name, or those of these ids."""
        if name is None and not ids:
            raise GraphError(100, "name is required.", "The parameter name is required.")
        gone = [
            one
            for one in self._all
            if name in (None, one.name) and (one.id in ids if ids else True)
        ]
        if not gone:
            raise GraphError(100, f"There is no template {name or ', '.join(ids)}.")
        self._all = [one for one in self._all if one not in gone]
        return {"success": True}

    def listed(self, **wanted: str | Collection[str] | None) -> list[dict[str, Any]]:
        """Return templates by fields; `content` and `name_or_content` are words of their texts.

        A field may have one of several values, in letters of any case. None is any value.
        """
        given = {
            name: [one.lower() for one in ((value,) if isinstance(value, str) else value)]
            for name, value in wanted.items()
            if value
        }
        shown = [one.shown(self._clock()) for one in self._all]
        return [one for one in shown if _fits(one, given)]

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


def _fits(shown: Mapping[str, Any], wanted: Mapping[str, Collection[str]]) -> bool:
    content = " ".join(str(one.get("text") or "") for one in shown["components"])
    texts = {
        **shown,
        "quality_score": shown["quality_score"]["score"],
        "content": content,
        "name_or_content": f"{shown['name']} {content}",
    }
    return all(
        any(
            one in str(texts[name]).lower() if name in CONTAINING else one == texts[name].lower()
            for one in values
        )
        for name, values in wanted.items()
    )
