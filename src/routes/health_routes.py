"""Routes for load balancers, monitors and Prometheus."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from controllers.health_controller import HealthController

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> Response:
    """Answer 200 while the process runs."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready", responses={503: {"description": "Not ready"}})
@router.get("/api/v1/whatsapp/health", responses={503: {"description": "Not ready"}})
async def ready(request: Request) -> Response:
    """Answer 200 if the process can work; otherwise 503 with the reason."""
    controller: HealthController = request.state.health
    is_ready, checks = await controller.readiness()
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JSONResponse(body, status_code=200 if is_ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Return the metrics in Prometheus' text format."""
    controller: HealthController = request.state.health
    return Response(await controller.metrics(), media_type="text/plain; version=0.0.4")
