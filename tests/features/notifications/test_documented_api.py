"""With a key, every answer of the API is as OpenAPI describes it, whatever is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from tests.features.notifications.fuzz import (
    API,
    DOCUMENT,
    POST,
    ROUTES,
    Caller,
    calling,
    likely,
)

quiet = settings(max_examples=12, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    with calling(tmp_path) as caller:
        yield caller


@pytest.mark.parametrize(("method", "path"), ROUTES)
@seed(20261127)
@quiet
@given(data=st.data())
def test_what_fits_is_answered_as_described(
    caller: Caller, method: str, path: str, data: st.DataObject
) -> None:
    caller.answers_as_described(data.draw(API[path][method].as_strategy()))


@seed(20261127)
@quiet
@given(case=POST.as_strategy(GenerationMode.NEGATIVE))
def test_what_does_not_fit_is_answered_as_described(caller: Caller, case: Any) -> None:
    caller.answers_as_described(case)


def test_what_is_accepted_is_taken_by_meta(caller: Caller) -> None:
    """Requests that are good, or nearly so: `python -m tests.features.notifications.fuzz` has
    as many as anybody likes."""

    @seed(20261127)
    @settings(quiet, max_examples=100)
    @given(case=likely)
    def send(case: Any) -> None:
        caller.answers_as_described(case)

    send()
    assert {200, 202, 422} <= caller.statuses.keys()
    assert caller.refused_by_meta() == {}


def test_openapi_shows_the_models_and_that_a_key_is_needed() -> None:
    send = DOCUMENT["paths"]["/api/v1/notifications"]["post"]
    assert {"200", "202", "400", "401", "409", "413", "422", "429", "503"} <= send[
        "responses"
    ].keys()
    models = DOCUMENT["components"]["schemas"]
    assert {"NotificationRequest", "BatchResult", "DryRunResult", "ErrorResponse"} <= models.keys()
    assert send["security"] == [{"HTTPBearer": []}]
    assert send["tags"] == ["notifications"]
    assert "HTTPValidationError" not in models
