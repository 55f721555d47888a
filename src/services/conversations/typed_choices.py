"""Choices of menus that people type instead of tapping them."""

from collections.abc import Iterator
from dataclasses import dataclass

from flow_engine import Menu, Question
from services.conversations.context import ConversationContext
from services.conversations.form_answers import FormAnswers
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Choices that mean something only below their own question.
ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class TypedChoices:
    """Finds the choice that a whole message names."""

    context: ConversationContext

    def of_shown_menus(self, turn: ConversationTurn) -> tuple[Menu, str] | None:
        """Find a choice of the menu that was shown last, or of the home menu."""
        replies = Replies(self.context)
        shown = self.context.flows.find_menu(turn.state.menu or "")
        # A bare number means the menu that was shown, if anything.
        home = None if turn.text.strip().isdecimal() else replies.home(turn)
        menus = (menu for menu in (shown, home) if menu is not None)
        return self._find(turn, ((menu, replies.choices(menu)) for menu in menus))

    def of_any_menu(self, turn: ConversationTurn) -> tuple[Menu, str] | None:
        """Find a choice of any menu with a trigger that the person may open."""
        if self.context.texts.choices.place_of(turn.text) is not None:
            return None  # a number means nothing without a menu
        replies = Replies(self.context)
        menus = (one for one in self.context.flows if isinstance(one, Menu) and one.triggers)
        named = (
            (menu, tuple(one for one in replies.choices(menu) if one not in ANSWERS))
            for menu in menus
            if replies.may(turn, menu)
        )
        return self._find(turn, named)

    def _find(
        self, turn: ConversationTurn, menus: Iterator[tuple[Menu, tuple[str, ...]]]
    ) -> tuple[Menu, str] | None:
        answers = FormAnswers(self.context)
        for menu, choices in menus:
            if option := answers.option(turn, Question(menu.name, choices), turn.text):
                return menu, option
        return None
