"""Where Airtable calls when operators change something."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from controllers.airtable_controller import AirtableController
from controllers.webhook_controller import Forbidden
from routes.webhook_routes import BodyTooLarge, read_body

router = APIRouter(tags=["airtable"])


@router.post("/airtable/webhook")
async def changed(request: Request) -> Response:
    """204: the console will look; 404 without Airtable."""
    controller: AirtableController | None = request.state.airtable
    if controller is None:
        return Response(status_code=404)
    try:
        raw = await read_body(dict(request.scope["headers"]), request.receive)
        await controller.receive(raw, request.headers.get("x-airtable-content-mac"))
    except BodyTooLarge:
        return Response(status_code=413)
    except Forbidden:
        return Response(status_code=403)
    return Response(status_code=204)
