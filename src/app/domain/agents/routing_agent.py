"""The agent that `respond_and_send_message` asks: put one of your own here."""

from app.domain.api_access import openai_service
from services.agent import AgentRequest, Requester
from services.clients.cloud_api.from_environment import run_in_script

PROMPT = "You answer for a business on WhatsApp. Be brief and kind; use the person's language."


class RoutingAgent:
    """Answers one message with the model of the settings, without history and tools."""

    def run(self, message: str, user_id: int | str) -> str:
        """Return the answer to a message of a person. Raise AgentUnavailable if there is none."""
        request = AgentRequest(PROMPT, (), message, requester=Requester(key=str(user_id)))

        async def ask() -> str:
            async with openai_service() as openai:
                return (await openai.reply(request)).text

        return run_in_script(ask)
