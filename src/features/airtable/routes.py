"""Where Airtable calls when operators change something."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from controllers.webhook_controller import Forbidden
from features.airtable.webhook_controller import AirtableController
from jobs.job_queue import Overloaded
from routes.bodies import BodyTooLarge, read_body

#: Largest body of a call, in bytes: Airtable's name a base and a webhook.
MAX_BODY_BYTES = 16 * 1024

router = APIRouter(tags=["airtable"])


REFUSALS: dict[int | str, dict[str, Any]] = {
    403: {"description": "Signed with another secret than ours"},
    404: {"description": "There is no Airtable"},
    413: {"description": "More than anybody sends"},
    503: {"description": "Not stored: try again"},
}


@router.post("/airtable/webhook", status_code=204, response_class=Response, responses=REFUSALS)
async def changed(request: Request) -> Response:
    """204: the console will look; 404 without Airtable."""
    controller: AirtableController | None = request.state.airtable
    if controller is None:
        return Response(status_code=404)
    try:
        headers = dict(request.scope["headers"])
        raw = await read_body(headers, request.receive, largest=MAX_BODY_BYTES)
        await controller.receive(raw, request.headers.get("x-airtable-content-mac"))
    except BodyTooLarge:
        return Response(status_code=413)
    except Forbidden:
        return Response(status_code=403)
    except (Overloaded, SQLAlchemyError, OSError):  # Airtable calls again
        return Response(status_code=503)
    return Response(status_code=204)
