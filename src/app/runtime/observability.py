"""Spans for OpenTelemetry and errors for Sentry, where the environment asks for them.

Neither learns what people wrote, who they are, or any secret: spans have names and times, errors
their type, their place in the code and the masked line of the log.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loguru import logger
from pydantic import SecretStr

from utils import tracing
from utils.logger import redact

#: Either of them turns spans on; all other OTEL_ names are the SDK's own business
#: (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "whatsapp-bot"
MAX_FLUSH_SECONDS = 2.0


@contextmanager
def observed(sentry_dsn: SecretStr | None) -> Iterator[None]:
    """While the process works. What is not installed is missed in the log, and nowhere else."""
    with _spans_exported(), _errors_sent(sentry_dsn):
        yield


@contextmanager
def _spans_exported() -> Iterator[None]:
    if not any(os.environ.get(name) for name in ENDPOINTS):
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.warning("no spans are exported: install the extra `otel`, see pyproject.toml")
        yield
        return
    name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracing.use_spans(_spans_of(provider))
    try:
        yield
    finally:
        tracing.use_spans(None)
        provider.shutdown()


def _spans_of(provider: Any) -> tracing.Spans:
    from opentelemetry.trace import StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    tracer, propagator = provider.get_tracer(SERVICE), TraceContextTextMapPropagator()

    @contextmanager
    def span(parent: str | None, name: str) -> Iterator[str]:
        context = propagator.extract({"traceparent": parent}) if parent else None
        # The text of an exception may quote what a person wrote.
        quiet = {"record_exception": False, "set_status_on_exception": False}
        with tracer.start_as_current_span(name, context=context, **quiet) as one:
            carrier: dict[str, str] = {}
            propagator.inject(carrier)
            try:
                yield carrier["traceparent"]
            except Exception as error:
                one.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    return span


@contextmanager
def _errors_sent(dsn: SecretStr | None) -> Iterator[None]:
    if dsn is None:
        yield
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.loguru import LoguruIntegration
    except ImportError:
        logger.warning("Sentry is told of nothing: install the extra `sentry`, see pyproject.toml")
        yield
        return
    sentry_sdk.init(
        dsn.get_secret_value(),
        integrations=[LoguruIntegration(None, logging.ERROR, event_format=_message_alone)],
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        before_send=without_words,
    )
    try:
        yield
    finally:
        sentry_sdk.get_client().close(timeout=MAX_FLUSH_SECONDS)
        sentry_sdk.get_global_scope().set_client(None)


def _message_alone(_record: Any) -> str:
    """A format of loguru's that is a text would have the values of all variables follow it."""
    return "{message}"


def without_words(event: Any, _hint: Any) -> Any:
    """An event of Sentry's without the texts of its exceptions, and with its message masked."""
    for one in (event.get("exception") or {}).get("values", []):
        one["value"] = ""
    entry = event.get("logentry") or {}
    for name in ("message", "formatted"):
        if isinstance(entry.get(name), str):
            entry[name] = redact(entry[name])
    entry.pop("params", None)
    event["extra"] = {"trace_id": tracing.trace_id()}
    return event
