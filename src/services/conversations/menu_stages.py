"""The stages that lead somewhere: taps on menus, triggers, choices that were typed."""

from typing import Any

from domain.inbound import Inbound
from flow_engine import Flow, Menu, ShowMenu, StartFlow
from schemas.referrals import read_referral
from services.conversations.context import ConversationContext
from services.conversations.effect_executor import EffectExecutor
from services.conversations.opt_out import TEMPLATE_BUTTON
from services.conversations.replies import Replies
from services.conversations.stage import StageResult
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from services.conversations.typed_choices import TypedChoices

#: Groups of words that show the menu.
MENU_WORDS = ("menu", "to_bot", "opt_in", "opt_in_unclear")
#: Most words of such a message where it quotes or shows something: more, such as "how does
#: this work?", ask about that.
MOST_WORDS_BESIDE = 2


class MenuStages:
    """Stages of `CoreStages`, which has them in their order."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._replies = Replies(context)
        self._executor = EffectExecutor(context)
        self._triggers = Triggers(context)

    async def ad_or_post(self, turn: ConversationTurn) -> StageResult:
        """A message from an ad or a post starts the flow that names it, unless it asks for more."""
        if not (shown := turn.message.referral):
            return None
        flow = self.context.flows.led_to_by(read_referral(shown))
        other = self._triggers.requested_by(turn.text)
        return await self._start(turn, flow) if other in (None, flow) else None

    async def menu_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a menu, however old: menus mean the same for ever, questions do not."""
        if turn.message.choice is None or not self._is_own(turn.message):
            return None
        name, _, option = turn.message.choice.partition(".")
        menu = self.context.flows.find_menu(name)
        if menu is None or option not in self._replies.choices(menu):
            return self._replies.old_menu(turn)
        return await self._executor.execute(turn, menu.choices[option])

    async def greeting(self, turn: ConversationTurn) -> StageResult:
        """A greeting, the word menu, or START from people who get messages shows the menu."""
        texts, text = self.context.texts, turn.text
        is_trigger = self._triggers.triggered_by(text) is not None
        is_greeting = texts.vocabulary.is_greeting(text) and not is_trigger
        is_command = any(texts.is_word(group, text) for group in MENU_WORDS)
        is_about_something = len(text.split()) > MOST_WORDS_BESIDE and turn.message.shows_something
        is_command = is_command and not is_about_something
        is_asked = texts.is_word("abilities", text) and not (is_trigger or is_about_something)
        if not is_greeting and not is_command and not is_asked:
            return None
        said = self._replies.renderer(turn).line("common.abilities") if is_asked else None
        return self._replies.show_menu(turn, said=said)

    async def trigger(self, turn: ConversationTurn) -> StageResult:
        """A whole message that starts a flow or shows a menu."""
        found = self._triggers.triggered_by(turn.text)
        return await self._start(turn, found)

    async def typed_choice(self, turn: ConversationTurn) -> StageResult:
        """A choice that was typed: of the menu shown last, the home menu, or one with a trigger."""
        choices = TypedChoices(self.context)
        found = choices.of_shown_menus(turn) or choices.of_any_menu(turn)
        if found is None:
            return None
        menu, option = found
        return await self._executor.execute(turn, menu.choices[option])

    async def own_words(self, turn: ConversationTurn) -> StageResult:
        """A sentence that asks for a flow or a menu, or a word for it with a typo."""
        return await self._start(turn, self._triggers.asked_for(turn.text))

    async def _start(self, turn: ConversationTurn, found: Flow[Any] | Menu | None) -> StageResult:
        if found is None or not self._replies.may(turn, found):
            return None
        start = ShowMenu(found.name) if isinstance(found, Menu) else StartFlow(found.name)
        return await self._executor.execute(turn, [start])

    def _is_own(self, message: Inbound) -> bool:
        """A template's button carries its author's words: those that lead nowhere were typed."""
        name, _, option = (message.choice or "").partition(".")
        menu = self.context.flows.find_menu(name)
        is_choice = menu is not None and option in menu.choices
        return message.kind != TEMPLATE_BUTTON or is_choice
