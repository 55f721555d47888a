"""Who hears a message first: the stages of the core, in order. The first match wins.

Features put their own stages between these (`Stage(before=...)`); `watch.py flows` draws the table.
"""

from services.conversations.always_heard import AlwaysHeard
from services.conversations.arrival_stages import ArrivalStages
from services.conversations.bursts import PAUSE, Bursts
from services.conversations.context import ConversationContext
from services.conversations.form_stages import FormStages
from services.conversations.machines import Machines
from services.conversations.menu_stages import MenuStages
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.word_stages import WordStages

#: Name of the stage that is silent to machines.
MACHINE = "answering_machine"
#: Name of the stage that obeys STOP.
OPT_OUT = "opt_out_keyword"


class CoreStages:
    """The stages that every bot needs."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._bursts = Bursts(context)
        self._machines = Machines(context)
        self._always_heard = AlwaysHeard(context)

    def table(self) -> tuple[Stage, ...]:
        """Return the stages in their order."""
        return (*self._who_speaks(), *self._in_forms(), *self._of_menus_and_words())

    def _who_speaks(self) -> tuple[Stage, ...]:
        """Return the stages that look at who speaks: whether the bot may answer at all."""
        arrival = ArrivalStages(self.context)
        return (
            Stage("standby", self._always_heard.standby),
            Stage("handed_back", arrival.handed_back),
            Stage("ignored_type", arrival.ignored_type),
            Stage("sentence_written", WordStages(self.context).sentence_written),
            Stage(OPT_OUT, arrival.opt_out_keyword),
            Stage(MACHINE, self.answering_machine),
            Stage("blocked", arrival.blocked),
            Stage("opt_in_unclear", arrival.opt_in_unclear),
            Stage("always_heard", self.always_heard),
            Stage("opted_out", arrival.opted_out),
            Stage("back_to_bot", arrival.back_to_bot),
            Stage("bot_paused", arrival.bot_paused),
            Stage("return_to_bot", arrival.return_to_bot),
            Stage("opt_out_unclear", arrival.opt_out_unclear),
            Stage("outside_window", arrival.outside_window),
        )

    def _in_forms(self) -> tuple[Stage, ...]:
        """Return the stages of people in forms, and of what is no text."""
        arrival = ArrivalStages(self.context)
        form = FormStages(self.context)
        words = WordStages(self.context)
        return (
            Stage("who_answers", words.who_answers),
            Stage("is_registered", words.is_registered),
            Stage("resume_form", form.resume_form),
            Stage("awaited_file", form.awaited_file),
            Stage("edited_message", form.edited_message),
            Stage("exit_tap", form.exit_tap),
            Stage("changed_form", form.changed_form),
            Stage("shared_in_form", arrival.shared_in_form),
            Stage("flow_reply", arrival.flow_reply),
            Stage("call_permission", arrival.call_permission),
            Stage("shared_content", arrival.shared_content),
            Stage(PAUSE, self.short_pause),
            Stage("unsupported_type", arrival.unsupported_type),
            Stage("open_form", form.open_form),
            Stage("late_message", arrival.late_message),
        )

    def _of_menus_and_words(self) -> tuple[Stage, ...]:
        """Return the stages of texts and taps outside of forms."""
        menu = MenuStages(self.context)
        words = WordStages(self.context)
        return (
            Stage("ad_or_post", menu.ad_or_post),
            Stage("menu_tap", menu.menu_tap),
            Stage("language_named", words.language_named),
            Stage("language_written", words.language_written),
            Stage("greeting", menu.greeting),
            Stage("trigger", menu.trigger),
            Stage("typed_choice", menu.typed_choice),
            Stage("small_talk", words.small_talk),
            Stage("nothing_to_cancel", words.nothing_to_cancel),
            Stage("own_words", menu.own_words),
            Stage("fallback", words.fallback),
        )

    async def answering_machine(self, turn: ConversationTurn) -> StageResult:
        """A machine that always sends the same text gets no reply until it sends another one."""
        return self._machines.silence(turn)

    async def always_heard(self, turn: ConversationTurn) -> StageResult:
        """A request that interrupts anything, "delete my data" say, whoever else answers."""
        return await self._always_heard.decide(turn)

    async def short_pause(self, turn: ConversationTurn) -> StageResult:
        """Free text and files wait a moment for more: those of one thought get one answer."""
        return self._bursts.wait(turn)
