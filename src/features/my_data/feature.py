"""My data: people can see what the bot keeps about them, in their own terms."""

from collections.abc import Iterable, Mapping

from features.my_data.corrections import Corrections
from features.my_data.records import decisions_of, records_of
from features.my_data.summary import DECISIONS, decided, described, profile_lines, whatsapp_lines
from flow_engine import FeatureEffect
from flows.my_data import ShowMyData
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import DELETE_PROFILE, EDIT_PROFILE, MENU, TAP, Exits
from services.conversations.extensions import EffectHandler
from services.conversations.replies import Replies
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import KEEP_DELIVERIES
from texts.required import RequiredTexts

LINES = (
    *("profile_name", "number", "language", "full_name", "document", "birth_date", "about"),
    *("registered", "consent", "offers", "opted_out", "referral", "decisions"),
)
WORDS = ("title", "nothing", "messages", "yes", "no", "file")


class MyData(Feature):
    """People can see what the bot keeps about them."""

    name = "my_data"
    summary = "people can see what the bot keeps about them"
    page = "docs/operation.md"
    required_texts = RequiredTexts(
        keys={
            **{f"my_data.{name}": ("value",) for name in LINES},
            "my_data.other": ("name", "value"),
            "my_data.deliveries": ("days",),
            **{f"my_data.{name}": () for name in DECISIONS.values()},
            **{f"my_data.{name}": () for name in WORDS},
            "my_data.name_unknown": (),
            **dict.fromkeys(("my_data.name_known", "my_data.name_profile"), ("name",)),
        },
        words=("my_data", "who_am_i"),
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._replies = Replies(parts.context)

    def effects(self) -> Mapping[type, EffectHandler]:
        return {ShowMyData: self._show}

    def requests(self) -> Mapping[str, FeatureEffect]:
        return {"my_data": ShowMyData()}

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("who_am_i", self._who_am_i, before=("side_question_who", "who_answers")),
            Stage("my_data", self._asked, before=("open_form", "trigger")),
            Stage(
                "my_data_corrected",
                self._corrected,
                before=("side_question", "faq_answer", "fallback"),
            ),
        )

    async def _who_am_i(self, turn: ConversationTurn) -> StageResult:
        """A person asks who they are, or whether the bot knows them: by which name it does."""
        user, texts = turn.user, self.parts.context.texts
        is_typed = turn.message.choice is None and turn.message.edits is None
        # "You know my name" answers the question of a form.
        asks = turn.state.flow is None or texts.vocabulary.asks(turn.text)
        if not is_typed or not asks or not texts.is_word("who_am_i", turn.text):
            return None
        if user.full_name:
            told = texts.say(turn.language, "my_data.name_known", {"name": user.full_name})
        elif user.profile_name:
            told = texts.say(turn.language, "my_data.name_profile", {"name": user.profile_name})
        else:
            told = texts.say(turn.language, "my_data.name_unknown")
        return self._replies.repeat_question(turn, told) or self._replies.say_text(told)

    async def _asked(self, turn: ConversationTurn) -> StageResult:
        """A person asks what is known of them."""
        is_asked = self.parts.context.texts.is_word("my_data", turn.text)
        return await self._show(turn, ShowMyData()) if is_asked else None

    async def _corrected(self, turn: ConversationTurn) -> StageResult:
        """A person who is registered says that one of their answers is wrong, or what is right."""
        led = Corrections(self.parts.context).read(turn)
        return None if led is None else await EffectExecutor(self.parts.context).follow(turn, led)

    async def _show(self, turn: ConversationTurn, effect: ShowMyData) -> Decisions:
        """Say everything in one text; an open form goes on with its question."""
        told = await self.told(turn)
        is_held = turn.is_bot_paused or turn.is_opted_out
        asked = None if is_held else self._replies.repeat_question(turn, told)
        exits = Exits(self.parts.context)
        names = (DELETE_PROFILE, *(() if is_held else (self._correction(turn), MENU)))
        buttons = {f"{TAP}.{one}": f"{TAP}.{one}" for one in names if exits.leads_on(one)}
        return asked or self._replies.offer_text(turn, told, buttons)

    def _correction(self, turn: ConversationTurn) -> str:
        return EDIT_PROFILE if turn.user.is_registered else ""

    async def told(self, turn: ConversationTurn) -> str:
        """Return everything that is kept, a line each."""
        texts, language = self.parts.context.texts, turn.language

        def say(key: str, **given: object) -> str:
            return texts.say(language, f"my_data.{key}", given)

        query = Transaction(lambda connection, _: records_of(connection, turn.user.key))
        saved = await self.parts.database.submit(query)
        query_of_log = Transaction(lambda connection, _: decisions_of(connection, turn.user.key))
        log = await self.parts.database.submit(query_of_log)
        lines = [*profile_lines(texts, language, turn.user)]
        lines += [described(texts, language, record) for record in saved]
        for feature in self.parts.features:
            lines += await feature.kept_about(turn)
        account = whatsapp_lines(texts, language, turn.user)
        told = lines or [say("nothing")]
        if log:
            told = [*told, say("decisions", value=decided(texts, language, log))]
        ends = f"{say('messages')} {say('deliveries', days=KEEP_DELIVERIES.days)}"
        return "\n".join([say("title"), "", *account, *told, "", ends])


FEATURE = MyData
