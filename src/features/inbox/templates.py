"""Templates that operators send: the only messages outside WhatsApp's 24 hours."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.json import JsonObject
from domain.user import User
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, OperatorMessage
from features.inbox.files import upload
from features.inbox.operators import Operator
from features.inbox.template_forms import FilledTemplate, form_of
from features.templates.checks import check_send
from features.templates.consent import objection_to
from features.templates.payload import message_of
from features.templates.registry import TemplateRegistry
from features.templates.rendering import render
from services.clients.cloud_api.media import MediaFile
from services.whatsapp_service import WhatsAppService


@dataclass(frozen=True, slots=True)
class SentTemplates:
    """Sends templates that an operator filled in."""

    acts: InboxActs
    whatsapp: WhatsAppService
    #: None if it is not known whose templates.
    registry: TemplateRegistry | None

    async def choices(self) -> Sequence[JsonObject]:
        """Return the templates that an operator can fill in, with what is to be filled in."""
        found = await self.registry.all() if self.registry is not None else ()
        return [form for one in found if (form := form_of(one)) is not None]

    async def send(self, operator: Operator, key: str, filled: FilledTemplate) -> None:
        """Send a template. Raise ActRefused."""
        known = self.registry
        template = await known.find(filled.name, filled.language) if known is not None else None
        if template is None:
            raise ActRefused("Meta has no template of this name any more.")
        given = filled.template_values()
        if problems := check_send(template, given):
            raise ActRefused("\n".join(f"{one.message} {one.fix}" for one in problems))

        def objection(person: User) -> str | None:
            found = objection_to(person, template.category)
            return f"Not sent: this person {found}." if found is not None else None

        said = OperatorMessage(
            message_of(template, given), render(template, given), filled.attachment(template)
        )
        await self.acts.send(operator, key, [said], objection=objection, act="sent a template")

    async def upload(self, key: str, content: bytes, name: str, kind: str) -> JsonObject:
        """Upload the file of a header, of a kind such as "image". Raise ActRefused."""
        try:
            file = await asyncio.to_thread(MediaFile.of, content, name=name)
        except ValueError as error:
            raise ActRefused(f"Not taken: {error}.") from None
        if file.kind != kind:
            raise ActRefused(f"This template takes a file of another kind: {kind}.")
        media_id = await upload(self.acts, self.whatsapp, key, content, file)
        return {"id": media_id, "mime_type": file.mime_type}
