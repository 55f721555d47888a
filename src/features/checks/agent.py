"""Makes one answer of what the checks of a message say."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from features.checks.notices import TEXTS, cause_of
from features.checks.runner import CheckRunner, Run
from features.checks.runs import Runs
from features.checks.settings import ChecksSettings
from features.checks.values import variables
from services.agent import (
    Agent,
    AgentReply,
    AgentRequest,
    AgentUnavailable,
    ModerationRefused,
    ToolCall,
)

#: Said to operators.
WRONG_KEY = "The model refuses the key of the bot, so checks have no answer. Check OPENAI_API_KEY."
#: Name of the tool that starts the flow of a workflow check; no model is offered it.
START_WORKFLOW = "start_workflow"


class ChecksAgent:
    """An agent that answers with the checks of the config file; a model answers theirs."""

    def __init__(
        self,
        settings: ChecksSettings,
        model: Agent | None,
        runs: Runs,
        clock: Callable[[], datetime],
        tell_operators: Callable[[str], Awaitable[None]],
    ) -> None:
        """Make the agent; `tell_operators` is called with what they have to see to."""
        self._settings = settings
        self._runner = CheckRunner(settings, model)
        self._runs = runs
        self._clock = clock
        self._tell_operators = tell_operators

    async def reply(self, asked: AgentRequest) -> AgentReply:
        """Return what the checks say. Raise AgentUnavailable with one notice if that is why."""
        wanted = self._settings.for_messages
        if asked.requester is None or asked.message is None:  # a question of the bot itself
            return await self._runner.ask_model(asked)
        if not wanted:
            return AgentReply("", is_silent=True)
        run = Run(asked, variables(asked, self._clock()), wanted)
        async with self._runs.kept(asked.requester.key, asked.message.message_id, wanted) as kept:
            await self._runner.run(run)
            kept.tokens, kept.error = run.tokens, cause(run)
            if kept.error == "credentials":
                await self._tell_operators(WRONG_KEY)
        return _reply(run, [name for name in self._runner.checks if name in run.answers])


def cause(run: Run) -> str | None:
    """Return why the first check that failed did, a key of TEXTS or "refused"."""
    return cause_of(run.failures[0]) if run.failures else None


def _reply(run: Run, names: list[str]) -> AgentReply:
    texts = [run.answers[name] for name in names]
    calls = [ToolCall(START_WORKFLOW, {"flow": run.flow})] if run.flow is not None else []
    if texts or calls:
        first, *further = texts or [""]
        return AgentReply(first, calls, run.tokens, further=tuple(further), quotes=bool(texts))
    if not run.failures:
        return AgentReply("", tokens=run.tokens, is_silent=True)
    why = cause(run) or "failed"
    if why == "refused":
        raise ModerationRefused("a check was refused", tokens=run.tokens)
    raise AgentUnavailable(f"the checks failed: {why}", tokens=run.tokens, notice=TEXTS[why])
