"""Turns the effects of flows into decisions: one handler for each effect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from flow_engine import (
    DeleteProfile,
    Effect,
    FeatureEffect,
    ForgetAnswers,
    LoadOptions,
    Question,
    RunCall,
    SaveProfile,
    SaveRecord,
    Say,
    Schedule,
    SetLanguage,
    SetMarketing,
    SetTimer,
    ShowMenu,
    StartFlow,
    TalkToAssistant,
    TalkToHuman,
    Turn,
    Unschedule,
)
from services.conversations.calls import call
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.flow_starts import begin_flow, go_on_after, set_aside
from services.conversations.open_form import enter, leave_form, set_timer
from services.conversations.option_loading import load_options
from services.conversations.replies import Replies
from services.conversations.reservations import reserve
from services.conversations.schedule import schedule, unschedule
from services.conversations.storing import files_to_keep, forget, store
from services.conversations.turn import ConversationTurn

#: Effects that say what happens next: no menu has to follow.
WITH_FOLLOW_UP = (StartFlow, ShowMenu, TalkToAssistant, TalkToHuman)


def have_follow_up(effects: Iterable[Effect]) -> bool:
    """Whether one of the effects says what happens next."""
    return any(
        isinstance(effect, WITH_FOLLOW_UP)
        or (isinstance(effect, FeatureEffect) and effect.has_follow_up)
        for effect in effects
    )


@dataclass(frozen=True, slots=True)
class SayWith:
    """A text and the menu or the question behind it, which are one message."""

    say: Say
    following: ShowMenu | Question


def joined(effects: Iterable[Effect]) -> Iterator[Effect | SayWith]:
    """Yield effects; a text right before a menu or a question goes with it."""
    before: Effect | None = None
    for effect in effects:
        if isinstance(before, Say) and isinstance(effect, ShowMenu | Question):
            yield SayWith(before, effect)
            before = None
            continue
        if before is not None:
            yield before
        before = effect
    if before is not None:
        yield before


class EffectExecutor:
    """Executes effects one after the other: each sees what the ones before decided."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self.replies = Replies(context)

    async def execute(self, turn: ConversationTurn, effects: Iterable[Effect]) -> Decisions:
        """Return what all of the effects decide."""
        total = NOTHING
        for effect in joined(effects):
            if isinstance(effect, SayWith):
                decided = self._say_with(turn, effect)
            else:
                decided = await self._execute(turn, effect)
            total += decided
            turn = turn.after(decided)
        return total

    async def follow(self, turn: ConversationTurn, step: Turn) -> Decisions:
        """Go where a flow leads; at its end, that is back to the menu."""
        reserved = await reserve(self.context, turn, step)
        if isinstance(reserved, Turn):
            return await self.follow(turn, reserved)
        may_ask = not have_follow_up(step.effects)
        if step.state is None and may_ask:
            step = go_on_after(self.context, turn, step)
            reserved += leave_form()
        decided, effects = reserved + enter(step), step.effects
        if step.state is None and may_ask and not (turn.is_bot_paused or turn.is_opted_out):
            effects = (*effects, ShowMenu())
        return decided + await self.execute(turn.after(decided), effects)

    def _say_with(self, turn: ConversationTurn, effect: SayWith) -> Decisions:
        say, following = effect.say, effect.following
        if isinstance(following, ShowMenu):
            return self.replies.say_with_menu(turn, say.key, say.params, following.name)
        return self.replies.ask(
            turn, following, self.replies.renderer(turn).line(say.key, say.params)
        )

    async def _execute(self, turn: ConversationTurn, effect: Effect) -> Decisions:
        match effect:
            case StartFlow() | LoadOptions() | RunCall() | Schedule() | Unschedule() | SetTimer():
                return await self._lead(turn, effect)
            case Say() | Question() | ShowMenu():
                return self._reply(turn, effect)
            case SaveProfile() | SetLanguage() | SetMarketing() | SaveRecord():
                stored = store(self.context, turn, effect)
                return stored + await self.execute(turn, files_to_keep(effect))
            case DeleteProfile() | ForgetAnswers():
                return forget(self.context, turn, effect)
            case TalkToAssistant() | TalkToHuman() | FeatureEffect():
                return await self._execute_feature(turn, effect)
            case _:
                return self.replies.send(turn, effect)

    async def _lead(
        self,
        turn: ConversationTurn,
        effect: StartFlow | LoadOptions | RunCall | Schedule | Unschedule | SetTimer,
    ) -> Decisions:
        """Lead to what comes next, now or later."""
        match effect:
            case StartFlow(name):
                return await self._start(turn, name)
            case LoadOptions():
                return await self._load(turn, effect)
            case RunCall():
                return call(turn, effect)
            case Schedule():
                return schedule(turn, effect, self.context)
            case Unschedule(name):
                return unschedule(turn, name)
            case SetTimer(timer, flow_turn, after):
                return set_timer(self.context, turn, timer, flow_turn, after)

    def _reply(self, turn: ConversationTurn, effect: Say | Question | ShowMenu) -> Decisions:
        match effect:
            case Say(key, params):
                return self.replies.say(turn, key, params)
            case Question():
                return self.replies.ask(turn, effect)
            case ShowMenu(name):
                return self.replies.show_menu(turn, name)
            case _:
                assert_never(effect)

    async def _start(self, turn: ConversationTurn, name: str) -> Decisions:
        started = begin_flow(self.context, turn, name)
        if not isinstance(started, Turn):
            return started
        begun = set_aside(self.context, turn, started)
        return begun + await self.follow(turn.after(begun), started)

    async def _load(self, turn: ConversationTurn, effect: LoadOptions) -> Decisions:
        loaded = await load_options(self.context, turn, effect)
        return await self.follow(turn, loaded) if loaded is not None else NOTHING

    async def _execute_feature(self, turn: ConversationTurn, effect: Effect) -> Decisions:
        """Effects of absent features are in no menu; in a form they lead back to the menu."""
        handler = self.context.extensions.effects.get(type(effect))
        if handler is None and isinstance(effect, FeatureEffect) and effect.is_silent:
            return NOTHING
        if handler is None:
            return self.replies.say_then_back(turn, "common.not_available")
        return await handler(turn, effect)
