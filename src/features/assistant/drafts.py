"""Drafts of answers that operators read, change and send."""

from dataclasses import dataclass

from features.assistant.token_usage import TokenBudget
from services.agent import Agent, AgentRequest, AgentUnavailable, DraftRequest
from services.conversations.context import ConversationContext
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes

#: What the model is told beside the prompt of the assistant.
INSTRUCTION = (
    "A colleague of the team answers this person now, and reads your text first. Write the next "
    "message of the team, in the language of the person: short, without a greeting that was said "
    "already, and with [brackets] where a fact is missing that only the team knows."
)

#: The same for a summary of the conversation.
SUMMARY = (
    "A colleague of the team takes this conversation over, and has not read it. Sum it up for them "
    "in at most five short lines: what the person wants, what was answered, what is open. Say "
    "nothing that was not said. Write in the language of the person."
)
SUMMARY_REQUEST = "(Sum up our conversation for your colleague.)"

#: What is asked, since the last words may be the team's own.
REQUEST = "(Write the next message of the team to me.)"


@dataclass(frozen=True, slots=True)
class DraftWriter:
    """Writes drafts, within the budget of tokens."""

    agent: Agent
    context: ConversationContext
    budget: TokenBudget
    database: GroupCommit

    async def write(self, asked: DraftRequest, language: str) -> str | None:
        """Return a draft; None without a budget, or if the model cannot be reached."""
        user, now = asked.user, asked.now
        if not asked.history or not await self.budget.has_budget(user.key, now):
            return None
        moment = f"Now: {now.astimezone(self.context.zone):%A %Y-%m-%d %H:%M}."
        told = SUMMARY if asked.is_summary else INSTRUCTION
        prompt = [self.context.texts.prompt(language, "assistant"), moment, told]
        wanted = SUMMARY_REQUEST if asked.is_summary else REQUEST
        request = AgentRequest("\n\n".join(prompt), asked.history, wanted)
        try:
            reply = await self.agent.reply(request)
        except AgentUnavailable as failed:
            await self._spend(asked, failed.tokens)
            return None
        await self._spend(asked, reply.tokens)
        return reply.text.strip() or None

    async def _spend(self, asked: DraftRequest, tokens: int) -> None:
        spent = self.budget.spent(asked.user.key, tokens, asked.now)
        await self.database.submit(Transaction(lambda c, _: execute_writes(c, spent)))
