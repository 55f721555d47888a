"""Turns the effects of flows into decisions: one handler for each effect."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, assert_never

from loguru import logger

from flow_engine import (
    DeleteProfile,
    Effect,
    FeatureEffect,
    Flow,
    ForgetAnswers,
    LoadOptions,
    NextDays,
    Option,
    OptionsLoaded,
    Question,
    Replied,
    RunCall,
    SaveProfile,
    SaveRecord,
    Say,
    Schedule,
    SetLanguage,
    SetMarketing,
    SetTimer,
    ShowMenu,
    Started,
    StartFlow,
    TalkToAssistant,
    TalkToHuman,
    Turn,
    Unschedule,
    advance,
    prefaced,
)
from flow_engine.ask import OptionSource
from flow_engine.options import usable_options
from services.conversations.calls import call
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.exits import EDIT_PROFILE, MENU, TAP, Exits
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.profile import (
    agree_to_marketing,
    forget_answers,
    forget_profile,
    leave_form,
    save_profile,
    save_record,
    speak,
)
from services.conversations.replies import Replies
from services.conversations.reservations import reserve
from services.conversations.schedule import schedule, unschedule
from services.conversations.turn import ConversationTurn

#: Name of the flow that registers people.
REGISTRATION = "registration"
#: Effects that say what happens next: no menu has to follow.
WITH_FOLLOW_UP = (StartFlow, ShowMenu, TalkToAssistant, TalkToHuman)


def have_follow_up(effects: Iterable[Effect]) -> bool:
    """Whether one of the effects says what happens next."""
    return any(
        isinstance(effect, WITH_FOLLOW_UP)
        or (isinstance(effect, FeatureEffect) and effect.has_follow_up)
        for effect in effects
    )


class EffectExecutor:
    """Executes effects one after the other: each sees what the ones before decided."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self.replies = Replies(context)

    async def execute(self, turn: ConversationTurn, effects: Iterable[Effect]) -> Decisions:
        """Return what all of the effects decide."""
        total = NOTHING
        for effect in effects:
            decided = await self._execute(turn, effect)
            total += decided
            turn = turn.after(decided)
        return total

    async def follow(self, turn: ConversationTurn, step: Turn) -> Decisions:
        """Go where a flow leads; at its end, that is back to the menu."""
        reserved = await reserve(self.context, turn, step)
        if isinstance(reserved, Turn):
            return await self.follow(turn, reserved)
        decided = reserved + enter(step)
        decided += await self.execute(turn.after(decided), step.effects)
        if step.state is None and not have_follow_up(step.effects):
            decided += self.replies.show_menu(turn.after(decided))
        return decided

    async def _execute(self, turn: ConversationTurn, effect: Effect) -> Decisions:
        match effect:
            case StartFlow(name):
                return await self._start(turn, name)
            case LoadOptions(source, flow_turn):
                return await self._load_options(turn, source, flow_turn)
            case RunCall():
                return call(turn, effect)
            case Schedule():
                return schedule(turn, effect, self.context)
            case Unschedule(name):
                return unschedule(turn, name)
            case SetTimer(timer, flow_turn, after):
                return self.set_timer(turn, timer, flow_turn, after)
            case Say() | Question() | ShowMenu():
                return self._reply(turn, effect)
            case SaveProfile() | SetLanguage() | SetMarketing() | SaveRecord():
                return self._store(turn, effect)
            case DeleteProfile():
                return forget_profile(turn, self.context)
            case ForgetAnswers():
                return forget_answers(turn, self.context)
            case TalkToAssistant() | TalkToHuman() | FeatureEffect():
                return await self._execute_feature(turn, effect)
            case _:
                return self.replies.send(turn, effect)

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

    def _store(
        self,
        turn: ConversationTurn,
        effect: SaveProfile | SetLanguage | SetMarketing | SaveRecord,
    ) -> Decisions:
        match effect:
            case SaveProfile(fields):
                return save_profile(turn, fields)
            case SetLanguage(language):
                return speak(turn, language)
            case SetMarketing(wanted):
                return agree_to_marketing(turn, wanted=wanted)
            case SaveRecord(table, fields):
                form = self.context.flows.saved.form(table)
                return save_record(turn, table, fields, form.sources if form else None)
            case _:
                assert_never(effect)

    async def _start(self, turn: ConversationTurn, name: str) -> Decisions:
        flow = self.context.flows.flow(name)
        if not self.replies.may(turn, flow):
            return self.replies.say(turn, "common.not_allowed") + self.replies.show_menu(turn)
        if name == REGISTRATION and turn.user.is_registered:
            return self._registered_already(turn)
        if flow.needs_profile and not turn.user.is_registered:
            flow = self.context.flows.flow(REGISTRATION)
            started = advance(flow, flow.begin(), Started())
            return await self.follow(turn, prefaced("common.register_first", started))
        started = advance(flow, flow.begin(), Started())
        option = self._named_already(turn, flow)
        if option is not None and started.state is not None:
            started = advance(flow, started.state, Replied(option))
        return await self.follow(turn, started)

    def _named_already(self, turn: ConversationTurn, flow: Flow[Any]) -> str | None:
        """Return the answer to the first question that is in the words that start a form."""
        texts, step = self.context.texts, flow.first_step
        options = () if flow.is_several(step) else flow.options(step)
        if turn.message.choice is not None or not options:
            return None
        if texts.choices.place_in_words(turn.text, len(options)) is not None:
            return None  # "one" in such words is a number, not the first option
        return texts.option_in_sentence(f"{flow.name}.{step}", options, turn.text)

    def _registered_already(self, turn: ConversationTurn) -> Decisions:
        """Tell people who are registered, and offer to change their data."""
        can_edit = Exits(self.context).effects_of(EDIT_PROFILE) is not None
        names = (EDIT_PROFILE, MENU) if can_edit else (MENU,)
        buttons = {f"{TAP}.{one}": f"{TAP}.{one}" for one in names}
        return self.replies.offer(turn, "common.registered_already", buttons)

    async def _load_options(
        self, turn: ConversationTurn, source: str | NextDays | OptionSource, number: int
    ) -> Decisions:
        state = turn.state.flow
        if state is None:
            return NOTHING
        options: Sequence[str | Option]
        if isinstance(source, NextDays):
            options = days_from(turn.now.astimezone(self.context.zone).date(), source)
        else:
            load = self.context.option_sources[source] if isinstance(source, str) else source
            options = await load()
        for problem in usable_options(options).problems:
            logger.warning("an option of {} is {}", source, problem)
        flow = self.context.flows.flow(state.flow)
        return await self.follow(turn, advance(flow, state, OptionsLoaded(tuple(options), number)))

    async def _execute_feature(self, turn: ConversationTurn, effect: Effect) -> Decisions:
        """Effects of absent features are in no menu; in a form they lead back to the menu."""
        handler = self.context.extensions.effects.get(type(effect))
        if handler is None and isinstance(effect, FeatureEffect) and effect.is_silent:
            return NOTHING
        if handler is None:
            return self.replies.say_then_back(turn, "common.not_available")
        return await handler(turn, effect)

    def wait_again(
        self, turn: ConversationTurn, flow: Flow[Any], timer: str, number: int
    ) -> Decisions:
        """Wait for the answer once more, for as long as the flow does."""
        waits = flow.timeout
        after = {"remind": waits.remind_after, "cancel": waits.cancel_after} if waits else {}
        return self.set_timer(turn, timer, number, after.get(timer))

    def set_timer(
        self, turn: ConversationTurn, timer: str, number: int, after: timedelta | None
    ) -> Decisions:
        """Set a timer of the open form; `after` of None is the bot's own setting."""
        waits = {"remind": self.context.remind_after, "cancel": self.context.cancel_after}
        after = after or waits[timer]
        body = TimerJob(timer=timer, turn=number, due=(turn.now + after).timestamp())
        return Decisions(timers={timer: TIMER.timer(after, body)})


def days_from(today: date, source: NextDays) -> tuple[str, ...]:
    """Return the next days that a person may choose, as ISO dates."""
    days = (today + timedelta(days=number) for number in range(source.start, source.start + 366))
    fitting = (day.isoformat() for day in days if day.weekday() in source.weekdays)
    return tuple(islice(fitting, source.count))


def enter(step: Turn) -> Decisions:
    """Stand where a flow leads; at its end, in no form."""
    return leave_form() if step.state is None else Decisions(state={"flow": step.state})
