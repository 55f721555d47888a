"""Calls of tools that a model makes: which tool is meant, its arguments, and its result."""

from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from services.agent import Tool
from utils.visible_text import is_blank

#: Result that the model gets for a tool that it does not have.
UNKNOWN_TOOL = "There is no such tool."
#: Result that the model gets for a tool that returned nothing.
NO_RESULT = "There is no result."


class UnusableToolCall(Exception):
    """A call that cannot be carried out. Its message is the result that the model gets."""


def read_call(tools: Iterable[Tool], name: str, arguments: str) -> tuple[Tool, BaseModel]:
    """Return the tool that a call names, and its arguments, which come as JSON.

    Raise UnusableToolCall if there is no such tool, or if the arguments do not fit.
    """
    tool = next((tool for tool in tools if tool.name == name), None)
    if tool is None:
        raise UnusableToolCall(UNKNOWN_TOOL)
    try:
        return tool, tool.parameters.model_validate_json(arguments or "{}")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        named = [(problem["loc"], problem["msg"]) for problem in problems]
        raise UnusableToolCall(f"The arguments do not fit: {named}") from error


async def run_tool(tool: Tool, arguments: BaseModel) -> str | None:
    """Return the result of a tool, for the model; None for one that has only effects."""
    if tool.run is None:
        return None
    result = await tool.run(arguments)
    return NO_RESULT if is_blank(result) else result
