"""Taking part: "sign me up for that" means what was described last."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter

from flow_engine import StartFlow, TakingPart
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import REGISTRATION
from services.conversations.extensions import EffectHandler, Reset
from services.conversations.replies import Replies
from services.conversations.stage import Stage, StageResult
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from services.feature import Feature
from texts.required import RequiredTexts

#: How long "that" means what was described.
MEANT_FOR = timedelta(hours=12)


class Described(BaseModel):
    """What was described last, and what follows for people who want to take part."""

    model_config = ConfigDict(frozen=True)

    key: str = ""
    starts: str = ""
    #: Until when it is meant, in seconds since 1970.
    until: float = 0.0


DESCRIBED = StateSlot("taking_part", TypeAdapter(Described), Described())


class TakesPart(Feature):
    """People may refer to what the bot has just told them about."""

    name = "taking_part"
    summary = "“sign me up for that” means what was described last"
    page = "docs/flows.md"
    required_texts = RequiredTexts(words=("take_part",))

    def effects(self) -> Mapping[type, EffectHandler]:
        return {TakingPart: self._remember}

    def stages(self) -> Iterable[Stage]:
        return (Stage("taking_part", self._take_part, before=("greeting",)),)

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        return Decisions(state=DESCRIBED.change(Described()))

    async def _remember(self, turn: ConversationTurn, effect: TakingPart) -> Decisions:
        until = turn.timestamp + MEANT_FOR.total_seconds()
        described = Described(key=effect.key, starts=effect.starts, until=until)
        decided = Decisions(state=DESCRIBED.change(described))
        is_wanted = self.parts.context.texts.vocabulary.has_phrase("take_part", turn.text)
        if turn.message.choice is not None or not is_wanted or self._must_fill_in(turn, described):
            return decided
        return decided + Replies(self.parts.context).say(turn, effect.key)

    def _must_fill_in(self, turn: ConversationTurn, described: Described) -> bool:
        is_done = described.starts == REGISTRATION and turn.user.is_registered
        return bool(described.starts) and not is_done

    async def _take_part(self, turn: ConversationTurn) -> StageResult:
        """A person wants to take part in what was described last."""
        context, described = self.parts.context, DESCRIBED.read(turn.state)
        is_known = described.key and turn.timestamp <= described.until
        is_typed = turn.message.choice is None
        if not is_known or not is_typed or not context.texts.is_word("take_part", turn.text):
            return None
        if self._must_fill_in(turn, described):
            return await EffectExecutor(context).execute(turn, [StartFlow(described.starts)])
        return Replies(context).say_with_menu(turn, described.key)


FEATURE = TakesPart
