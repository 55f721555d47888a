"""What a template becomes with the values of one message: a text to read, and Meta's JSON."""

from collections.abc import Sequence

from features.templates.model import Template, TemplateProblem, TemplateValues


def check_send(template: Template, values: TemplateValues) -> Sequence[TemplateProblem]:
    """Return why Meta would refuse the message, all reasons at once; empty if it may be sent."""
    raise NotImplementedError


def render(template: Template, values: TemplateValues) -> str:
    """Return the text a person would read: header, body, footer, buttons; a line each."""
    raise NotImplementedError
