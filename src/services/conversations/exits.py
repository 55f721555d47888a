"""Buttons that lead out of a question that a person cannot answer, or does not want to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flow_engine import Effect, FlowState, Question, StartFlow, WayOut
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn

#: First part of the ids of these buttons.
TAP = "exit"
BACK, CANCEL, MENU = "back", "cancel", "menu"
#: Starts the flow of this name, where it is there.
EDIT_PROFILE = "edit_profile"
#: Asks whether everything that is known of a person is to be deleted.
DELETE_PROFILE = "delete_profile"
#: Starts the registration of people who have a profile: they agree to the newest privacy text.
REGISTER_AGAIN = "register_again"
REGISTRATION = "registration"
#: The flow that a button starts, by the last part of its id.
FLOWS = {
    EDIT_PROFILE: EDIT_PROFILE,
    DELETE_PROFILE: DELETE_PROFILE,
    REGISTER_AGAIN: REGISTRATION,
}


@dataclass(frozen=True, slots=True)
class Exit:
    """A button that a feature offers to people who are stuck."""

    #: last part of its id
    name: str
    #: key of its title, among the `titles` of the feature's `RequiredTexts`
    title: str
    #: what a tap on it leads to, in a form or outside
    effects: tuple[Effect, ...]
    is_offered: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Exits:
    """Finds the buttons that fit, and what a tap on one of them means."""

    context: ConversationContext

    def of_question(self, state: FlowState | None, question: Question) -> Sequence[tuple[str, str]]:
        """Return (name, key of the title) of the buttons beside a question of the open form."""
        if question.way_out is not WayOut.BUTTONS or state is None:
            return ()
        has_back = state.answers and not question.is_optional  # three buttons, with *Skip*
        back = [(BACK, f"{TAP}.{BACK}")] if has_back else []
        return [*back, (CANCEL, f"{TAP}.{CANCEL}"), *self.of_features()]

    def of_features(self) -> Sequence[tuple[str, str]]:
        """Return (name, key of the title) of what features offer at this moment."""
        return [(one.name, one.title) for one in self.context.extensions.exits if one.is_offered()]

    def tapped(self, turn: ConversationTurn) -> str | None:
        """Return the name of the button that was tapped, if it was one of these."""
        name, _, exit_name = (turn.message.choice or "").partition(".")
        return exit_name if name == TAP else None

    def is_exit(self, choice: str) -> bool:
        """Return whether a choice is one of these buttons."""
        return choice.partition(".")[0] == TAP

    def leads_on(self, name: str) -> bool:
        """Return whether a button leads anywhere outside of forms."""
        return name == MENU or self.effects_of(name) is not None

    def effects_of(self, name: str) -> tuple[Effect, ...] | None:
        """Return what a button leads to outside of forms, for as long as it is offered."""
        flow = FLOWS.get(name, "")
        if self.context.flows.find_flow(flow) is not None:
            return (StartFlow(flow),)
        offered = (one for one in self.context.extensions.exits if one.is_offered())
        return next((one.effects for one in offered if one.name == name), None)
