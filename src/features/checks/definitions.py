"""A check, as the config file has it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

#: Events on which Visor runs checks for a message; another one never happens here.
MESSAGE_EVENTS = frozenset({"whatsapp_message", "manual"})
#: Schemas whose text is the answer.
TEXT_SCHEMAS = frozenset({"text", "plain", "markdown", "code-review"})
MAX_SECONDS = 600


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Check(BaseModel):
    """One check: when it runs, what it asks or says, and what becomes of its answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    type: Literal["ai", "log", "workflow"] = "ai"
    on: Names = Field(("whatsapp_message",), description="Events that run it: whatsapp_message.")
    prompt: str = Field("", description="What the model is asked, in Liquid.")
    #: A name of TEXT_SCHEMAS, the name of a JSON file, or a JSON schema.
    answer_schema: str | dict[str, Any] = Field(
        "text",
        alias="schema",
        description="text, plain, markdown: the answer is sent. A JSON schema, or the name of a "
        "file with one: the answer goes to outputs.",
    )
    depends_on: Names = Field((), description="Checks that run before it.")
    condition: str | None = Field(None, alias="if", description="Condition in Liquid.")
    assume: Names = Field((), description="Conditions in Liquid that all have to hold, as well.")
    fail_if: str | None = Field(
        None, description="Condition in Liquid, after its answer: checks that depend on it stop."
    )
    criticality: Literal["external", "internal", "policy", "info"] = Field(
        "external", description="internal: its answer is sent to nobody."
    )
    group: str = Field(
        "",
        description="chat: the text of a log check is sent. Another name is one that a workflow "
        "check may run.",
    )
    message: str = Field("", description="Text of a log check, in Liquid.")
    level: Literal["debug", "info", "warn", "error"] = "info"
    workflow: str = Field(
        "",
        description="What a workflow check does: sends the answer of this check, or of all checks "
        "of this group, or starts the flow of this name.",
    )
    model: str | None = Field(None, description="Another model than that of `ai`.")
    timeout: Annotated[float, Field(gt=0, le=MAX_SECONDS)] | None = Field(
        None, description="Longest wait for its answer, in seconds."
    )
    max_tokens: Annotated[int, Field(gt=0)] | None = Field(
        None, description="Longest answer, in tokens."
    )
    raw: bool = Field(False, description="Put what people wrote into the prompt as it is.")

    @property
    def conditions(self) -> tuple[str, ...]:
        """All conditions that have to hold before it runs."""
        return self.assume if self.condition is None else (self.condition, *self.assume)

    @property
    def is_for_messages(self) -> bool:
        """Whether a message runs it."""
        return not MESSAGE_EVENTS.isdisjoint(self.on)

    @property
    def is_text(self) -> bool:
        """Whether its answer is a text for the person, and no data."""
        return isinstance(self.answer_schema, str) and self.answer_schema in TEXT_SCHEMAS
