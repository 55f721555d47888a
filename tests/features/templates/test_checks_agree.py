"""Meta, as the emulator has it, takes what the checks let through, and refuses the rest."""

from hypothesis import event, given, settings
from tests.features.templates.requests import careless, requests

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_parameters import check_parameters
from features.templates.checks import check_send
from features.templates.model import Template, TemplateValues
from features.templates.payload import components


def refusal(template: Template, parameters: list[dict[str, object]]) -> GraphError | None:
    try:
        check_parameters(template.components, parameters, named=template.is_named)
    except GraphError as error:
        return error
    return None


@settings(max_examples=500)
@given(requests())
def test_checks_and_emulator_agree(asked: tuple[Template, TemplateValues]) -> None:
    template, values = asked
    problems = check_send(template, values)
    if problems:
        event(problems[0].code)
        assert refusal(template, careless(template, values)) is not None, problems
        assert all(one.field and one.message and one.fix for one in problems)
    else:
        event("accepted")
        found = refusal(template, components(template, values))
        assert found is None, found
