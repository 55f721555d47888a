"""Which template is meant: by its name, and in which language."""

from collections.abc import Mapping, Sequence

from domain.user import User
from features.notifications.problems import Code, Problem
from features.notifications.template_schema import TemplateContent
from features.templates.choice import version_for
from features.templates.model import DELETED, Template


class WrongTemplate(ValueError):
    """There is no such template."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def choose_template(
    content: TemplateContent,
    templates: Mapping[str, Sequence[Template]],
    person: User,
    default: str,
) -> Template:
    """Return the template; without a language, in the one that the bot speaks to the person.

    Raises WrongTemplate.
    """
    name, wanted = content.named
    found = {one.language: one for one in templates.get(name, ()) if one.status != DELETED}
    if not found:
        raise WrongTemplate(_no_template())
    if wanted is not None:
        chosen = found.get(wanted)
    elif len(found) == 1:
        [chosen] = found.values()
    else:
        chosen = version_for(person, found, default)
    if chosen is None:
        raise WrongTemplate(
            Problem(
                code=Code.LANGUAGE_UNKNOWN,
                field="template.language",
                message="The template does not exist in this language.",
                fix=f"It exists in: {', '.join(sorted(found))}.",
            )
        )
    return chosen


def _no_template() -> Problem:
    return Problem(
        code=Code.TEMPLATE_UNKNOWN,
        field="template.name",
        message="Meta has no template of this name in this account.",
        fix="`python3 watch.py templates list` shows all.",
    )
