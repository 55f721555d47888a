"""Routes for load balancers, monitors and Prometheus."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from controllers.health_controller import HealthController
from routes.webhook_middleware import address_of
from utils.monitor_access import NOT_FOR_YOU, MonitorAccess

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> Response:
    """Answer 200 while the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready", responses={503: {"description": "Not ready"}})
@router.get("/api/v1/whatsapp/health", responses={503: {"description": "Not ready"}})
async def ready(request: Request) -> Response:
    """Answer 200 if the process can work, otherwise 503; monitors get the reasons, too."""
    controller: HealthController = request.state.health
    is_ready, checks = await controller.readiness()
    body: dict[str, Any] = {"status": "ok" if is_ready else "unavailable"}
    if _is_monitor(request):
        body["checks"] = checks
    return JSONResponse(body, status_code=200 if is_ready else 503)


@router.get(
    "/metrics", response_class=PlainTextResponse, responses={403: {"description": "No monitor"}}
)
async def metrics(request: Request) -> Response:
    """Return the metrics in Prometheus' text format, to monitors."""
    if not _is_monitor(request):
        return PlainTextResponse(NOT_FOR_YOU, status_code=403)
    controller: HealthController = request.state.health
    return Response(await controller.metrics(), media_type="text/plain; version=0.0.4")


def _is_monitor(request: Request) -> bool:
    access: MonitorAccess = request.state.monitors
    return access.allows(address_of(request.scope), request.headers)
