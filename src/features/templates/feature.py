"""Templates."""

from services.feature import Feature


class Templates(Feature):
    """Keeps a registry of message templates."""

    name = "templates"
    summary = "keeps message templates in step with Meta, and checks what fills them"
    page = "docs/templates.md"


FEATURE = Templates
