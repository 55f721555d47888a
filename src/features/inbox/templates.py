"""Templates that operators send: the only messages outside WhatsApp's 24 hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.json import JsonObject
from domain.user import User
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, Said
from features.inbox.operators import Operator
from features.templates.checks import check_send
from features.templates.consent import objection_to
from features.templates.model import APPROVED, Template, TemplateValues
from features.templates.parts import Parts, variables
from features.templates.payload import message_of
from features.templates.registry import TemplateRegistry
from features.templates.rendering import render


@dataclass(frozen=True, slots=True)
class SentTemplates:
    """Sends templates whose only variables are in their text."""

    acts: InboxActs
    #: None if it is not known whose templates.
    registry: TemplateRegistry | None

    async def choices(self) -> Sequence[JsonObject]:
        """Return the templates that an operator can fill in, with their variables."""
        found = await self.registry.all() if self.registry is not None else ()
        return [_choice(one) for one in found if _is_simple(one)]

    async def send(
        self, operator: Operator, key: str, name: str, language: str, values: Mapping[str, str]
    ) -> None:
        """Send a template. Raise ActRefused."""
        template = await self.registry.find(name, language) if self.registry is not None else None
        if template is None:
            raise ActRefused("Meta has no template of this name any more.")
        given = TemplateValues(body=values)
        if problems := check_send(template, given):
            raise ActRefused(f"{problems[0].message} {problems[0].fix}")

        def objection(person: User) -> str | None:
            found = objection_to(person, template.category)
            return f"Not sent: this person {found}." if found is not None else None

        said = Said(message_of(template, given), render(template, given))
        await self.acts.send(operator, key, [said], objection=objection, act="sent a template")


def _choice(template: Template) -> JsonObject:
    names = variables(Parts.of(template.components).body)
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "text": render(template, TemplateValues()),
        "variables": names,
    }


def _is_simple(template: Template) -> bool:
    """Whether a message needs values for the text alone."""
    if template.status != APPROVED:
        return False
    names = variables(Parts.of(template.components).body)
    return not check_send(template, TemplateValues(body=dict.fromkeys(names, "x")))
