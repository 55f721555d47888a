"""The tools that a model has in a call, beside those of the assistant."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from features.calls.talker_frames import ToolDefinition
from services.agent import Tool

END_CALL, SEND_IN_CHAT = "end_call", "send_in_chat"
#: Results of tools, for the model.
DONE = "Done: the person has it in the chat now. Say so in a few words, and go on."
GOODBYE = "The call ends now. Say goodbye in one short sentence."
#: Longest text that a model sends to the chat, in characters.
MAX_SENT_CHARS = 4000


class ChatText(BaseModel):
    """What is sent to the chat."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_SENT_CHARS)


async def _end(_: BaseModel) -> str:
    return GOODBYE


#: The call ends; the chat shows something during the call. Both are carried out by the dialog.
CALL_TOOLS: Sequence[Tool] = (
    Tool(
        END_CALL,
        "End the call, once you have said goodbye and the person wants nothing more.",
        run=_end,
    ),
    Tool(
        SEND_IN_CHAT,
        "Send the person a text in the chat: addresses, links, numbers, and all that is better "
        "read than heard.",
        ChatText,
        effects=lambda _: [],
    ),
)


def definitions(tools: Mapping[str, Tool]) -> tuple[ToolDefinition, ...]:
    """Return tools as the engine passes them on."""
    return tuple(
        ToolDefinition(
            name=tool.name,
            description=tool.description,
            parameters=tool.parameters.model_json_schema(),
        )
        for tool in tools.values()
    )
