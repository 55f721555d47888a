"""Exports spans to OpenTelemetry and errors to Sentry, if the environment asks for it.

Neither gets messages, personal data or secrets. Spans have names and times. Errors have their
type, their place in the code and the masked line of the log.
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

#: Variables that turn spans on. The SDK itself reads the other OTEL_ variables
#: (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "whatsapp-bot"
#: Longest wait for the last errors to be sent at the end, in seconds.
MAX_FLUSH_SECONDS = 2.0


@contextmanager
def observed(sentry_dsn: SecretStr | None) -> Iterator[None]:
    """Export spans and errors while inside. A package that is missing is only logged."""
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
    def start_span(parent: str | None, name: str) -> Iterator[str]:
        context = propagator.extract({"traceparent": parent}) if parent else None
        # The text of an exception may quote what a person wrote.
        quiet = {"record_exception": False, "set_status_on_exception": False}
        with tracer.start_as_current_span(name, context=context, **quiet) as span:
            carrier: dict[str, str] = {}
            propagator.inject(carrier)
            try:
                yield carrier["traceparent"]
            except Exception as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    return start_span


@contextmanager
def _errors_sent(dsn: SecretStr | None) -> Iterator[None]:
    if dsn is None:
        yield
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.loguru import LoguruIntegration
    except ImportError:
        logger.warning(
            "no errors are sent to Sentry: install the extra `sentry`, see pyproject.toml"
        )
        yield
        return
    sentry_sdk.init(
        dsn.get_secret_value(),
        integrations=[LoguruIntegration(None, logging.ERROR, event_format=_message_alone)],
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        before_send=scrub_event,
    )
    try:
        yield
    finally:
        sentry_sdk.get_client().close(timeout=MAX_FLUSH_SECONDS)
        sentry_sdk.get_global_scope().set_client(None)


def _message_alone(_record: Any) -> str:
    """Return the format as a function: loguru adds the values of variables to one that is text."""
    return "{message}"


def scrub_event(event: Any, _hint: Any) -> Any:
    """Remove the texts of exceptions from an event of Sentry, and mask its message."""
    for exception in (event.get("exception") or {}).get("values", []):
        exception["value"] = ""
    entry = event.get("logentry") or {}
    for name in ("message", "formatted"):
        if isinstance(entry.get(name), str):
            entry[name] = redact(entry[name])
    entry.pop("params", None)
    event["extra"] = {"trace_id": tracing.trace_id()}
    return event
