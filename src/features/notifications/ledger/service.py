"""`WhatsAppBusinessService` and `WhatsAppService`: notifications from code, without HTTP.

Every message is checked and stored as one of `POST /api/v1/notifications`, and sent like one.
"""

import re
from collections.abc import Sequence
from typing import Any

from loguru import logger
from pydantic import ValidationError

from features.notifications.api_keys import ONE_TENANT, Caller, Scope
from features.notifications.ledger.connection import connected, notifications
from features.notifications.ledger.models import WhatsAppMessageStatus
from features.notifications.ledger.requests import (
    BulkSendResponse,
    SendWhatsAppMessageRequest,
    SendWhatsAppMessageResponse,
    TemplateMessageRequest,
    TextMessageRequest,
    item_of,
)
from features.notifications.problems import ApiError, Problem
from features.notifications.schema import (
    MAX_ITEMS,
    BatchResult,
    ItemResult,
    NotificationRequest,
    OnError,
)
from features.notifications.service import NotificationService
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.token_facts import describe_token
from utils.commands import CommandError

_TENANT = re.compile(r"[\w-]{1,64}", re.ASCII)


class WhatsAppBusinessService:
    """Sends templates and texts, and says what became of each request; no content raises."""

    def __init__(self, session: object = None) -> None:
        """Take a `session` as callers have it: rows are written by the bot's own writer."""
        self.session = session

    async def send_message(
        self, request: SendWhatsAppMessageRequest
    ) -> SendWhatsAppMessageResponse:
        """Store a message that is to be sent, or say why not."""
        [result] = (await self.send_bulk_messages([request])).results
        return result

    async def send_bulk_messages(
        self, requests: Sequence[SendWhatsAppMessageRequest]
    ) -> BulkSendResponse:
        """Store the messages that can be sent; they go out at half of the number's speed."""
        results: list[SendWhatsAppMessageResponse] = []
        async with notifications() as service:
            for start in range(0, len(requests), MAX_ITEMS):
                results += await _send(service, requests[start : start + MAX_ITEMS])
        accepted = sum(one.success for one in results)
        return BulkSendResponse(
            total=len(results),
            accepted=accepted,
            refused=len(results) - accepted,
            results=results,
        )

    async def health_check(self) -> dict[str, Any]:
        """Return whether Meta takes the access token: `status` is "healthy" or "unhealthy"."""
        async with connected() as parts:
            try:
                token = await describe_token(parts.cloud_api)
            except WhatsAppError as error:
                return {"status": "unhealthy", "service": "whatsapp", "error": str(error)}
        if not token.is_valid:
            problem = token.problem or "the access token is no longer valid"
            return {"status": "unhealthy", "service": "whatsapp", "error": problem}
        return {"status": "healthy", "service": "whatsapp", "error": None}


class WhatsAppService:
    """Sends one message with positional parameters."""

    async def send_message(
        self,
        to_phone: str,
        message: str,
        template_name: str | None = None,
        template_params: Sequence[str] | None = None,
        tenant_id: str | None = None,
    ) -> bool:
        """Return True once a message is stored to be sent; False if it cannot be, with a log line.

        With a template, `message` is not sent. Without one, it is: to people who wrote within 24
        hours. The language is the only one of the template, or the one that the bot speaks to the
        person.
        """
        try:
            request = SendWhatsAppMessageRequest(
                recipient_phone=to_phone,
                template=_template(template_name, template_params),
                text=TextMessageRequest(body=message) if template_name is None else None,
                tenant_id=None if tenant_id is None else str(tenant_id),
            )
            sent = await WhatsAppBusinessService().send_message(request)
        except (ValidationError, CommandError) as error:
            logger.warning("WhatsApp message was not stored: {}", _reason(error))
            return False
        if not sent.success:
            codes = ", ".join(one.code for one in sent.errors)
            logger.warning("WhatsApp message was refused: {}", codes or sent.error_message)
        return sent.success


def _reason(error: ValidationError | CommandError) -> str:
    """Return what is wrong, without what was given."""
    if isinstance(error, CommandError):
        return str(error)
    return ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False))


def _template(name: str | None, values: Sequence[str] | None) -> TemplateMessageRequest | None:
    if name is None:
        return None
    return TemplateMessageRequest(template_name=name, parameters=[str(one) for one in values or ()])


async def _send(
    service: NotificationService, requests: Sequence[SendWhatsAppMessageRequest]
) -> list[SendWhatsAppMessageResponse]:
    """Send the requests of each tenant; the results have the order of the requests."""
    results: dict[int, SendWhatsAppMessageResponse] = {}
    tenants: dict[str, list[int]] = {}
    for place, one in enumerate(requests):
        tenants.setdefault(one.tenant_id or ONE_TENANT, []).append(place)
    for tenant, places in tenants.items():
        found = await _send_of(service, tenant, [requests[place] for place in places])
        results |= dict(zip(places, found, strict=True))
    return [results[place] for place in range(len(requests))]


async def _send_of(
    service: NotificationService, tenant: str, requests: Sequence[SendWhatsAppMessageRequest]
) -> Sequence[SendWhatsAppMessageResponse]:
    if _TENANT.fullmatch(tenant) is None:
        wrong = "tenant_id: expected 1 to 64 letters, digits, hyphens and underscores"
        return [_refused(wrong) for _ in requests]
    try:
        request = NotificationRequest.model_validate(
            {"items": [item_of(one) for one in requests], "on_error": OnError.PARTIAL}
        )
    except ValidationError:
        if len(requests) == 1:
            return [_refused("a field is too long, or has a wrong form")]
        return [one for each in requests for one in await _send_of(service, tenant, [each])]
    caller = Caller(tenant, frozenset(Scope))
    try:
        stored = await service.accept(caller, request, None, needs_key=False)
    except ApiError as error:
        return [_refused(_told(error.problems), error.problems) for _ in requests]
    return [_response(one) for one in BatchResult.model_validate_json(stored.response).items]


def _response(one: ItemResult) -> SendWhatsAppMessageResponse:
    if one.id is None:
        return _refused(_told(one.errors), one.errors)
    return SendWhatsAppMessageResponse(
        success=True, message_id=one.id, status=WhatsAppMessageStatus.PENDING
    )


def _refused(why: str, problems: Sequence[Problem] = ()) -> SendWhatsAppMessageResponse:
    return SendWhatsAppMessageResponse(
        success=False,
        status=WhatsAppMessageStatus.FAILED,
        error_message=why,
        errors=list(problems),
    )


def _told(problems: Sequence[Problem]) -> str:
    return " ".join(f"{one.message} {one.fix}".strip() for one in problems)
