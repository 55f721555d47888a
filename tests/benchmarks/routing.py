"""What it costs to find out what a message means: processor time of the routing table, by stage."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from tests.benchmarks.bodies import text_body
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.understanding import Line, Listener, open_context, read_corpus

from schemas.webhook_schema import WebhookMessage
from services.conversations.stage import Stage, StageResult, route
from services.conversations.turn import ConversationTurn

ROUNDS = 5
#: Times that each message is routed in a round.
TIMES = 20
LANGUAGE = "en"
#: What people write in a situation of the corpus of `bench understanding`, by kind.
KINDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "a greeting": (("home", "hello"), ("home", "hola"), ("home", "oi, tudo bem?")),
    "a word of a menu": (("home", "menu"), ("home", "events"), ("home", "Registrarme")),
    "small talk": (("home", "thanks!"), ("home", "jajaja"), ("full_name", "ok")),
    "a question of the FAQ": (
        ("home", "what are your opening hours?"),
        ("home", "¿cuánto cuesta el taller?"),
    ),
    "an answer in a form": (
        ("full_name", "Ana María Pérez"),
        ("document", "passport"),
        ("id_number", "AB1020300"),
        ("birth_date", "25/12/1990"),
        ("consent", "yes"),
    ),
    "a request in a sentence": (
        ("home", "I would like to register for the next workshop please"),
        ("home", "quiero hablar con una persona"),
        ("full_name", "why do you need my name?"),
        ("birth_date", "I was born in 1990 but I don't know the day"),
    ),
    "a long text": (
        ("home", "Last year I came to the open day with my sister, and we liked it. " * 8),
        ("about", "I have worked for ten years in a company that makes furniture. " * 8),
    ),
}
#: What a tap chooses.
TAPS = ("main_menu.events", "main_menu.register")
#: Features whose stages are named beside a kind: those that cost most.
MOST_NAMED = 3
#: Name of the whole table.
ALL = "all"


def measure(report: Report, scale: float) -> None:
    """Route messages that nobody sent; a ratio is to reading the webhook of one message."""
    section = Section("routing", "What one message means: processor time, beside reading it")
    report.sections.append(section)
    asyncio.run(_measure(section, max(1, int(TIMES * scale))))


async def _measure(section: Section, times: int) -> None:
    read = _reading_microseconds(times * 50)
    section.add(Figure("reading the webhook", ratio=1.0, note=f"{read:6,.0f} us"))
    async with open_context() as context:
        listener = Listener(context, LANGUAGE)
        timer = StageTimer()
        stages = [timer.watched(stage) for stage in listener.stages]
        turns = _turns(listener)
        await _route_all(stages, turns, timer, 1)  # warms up
        rounds = [await _route_all(stages, turns, timer, times) for _ in range(ROUNDS)]
        for kind, of_kind in turns.items():
            spent = min((one[kind] for one in rounds), key=lambda one: one[ALL])
            count = times * len(of_kind) * 1000
            shares = (
                f"{name} {nanoseconds / count:,.0f}"
                for name, nanoseconds in spent.most_common(MOST_NAMED + 1)
                if name != ALL
            )
            microseconds = spent[ALL] / count
            note = f"{microseconds:6,.0f} us: {', '.join(shares)}"
            section.add(Figure(kind, ratio=microseconds / read, note=note))


class StageTimer:
    """Adds up what the stages of the core, and of each feature, take."""

    def __init__(self) -> None:
        #: nanoseconds of processor time, by "core" or the name of a feature
        self.spent = Counter[str]()

    def watched(self, stage: Stage) -> Stage:
        """Return the same stage, which is measured."""
        package, name, *_ = stage.handle.__module__.split(".")
        owner = name if package == "features" else "core"
        return replace(stage, handle=self._measured(stage.handle, owner))

    def _measured(
        self, handle: Callable[[ConversationTurn], Awaitable[StageResult]], owner: str
    ) -> Callable[[ConversationTurn], Awaitable[StageResult]]:
        async def measured(turn: ConversationTurn) -> StageResult:
            began = time.process_time_ns()
            try:
                return await handle(turn)
            finally:
                self.spent[owner] += time.process_time_ns() - began

        return measured


def _turns(listener: Listener) -> Mapping[str, Sequence[ConversationTurn]]:
    person = read_corpus(LANGUAGE)[0].person
    turns = {
        kind: [listener.turn(Line(LANGUAGE, where, text, "", person)) for where, text in texts]
        for kind, texts in KINDS.items()
    }
    typed = listener.turn(Line(LANGUAGE, "home", "Events", "", person))
    taps = (replace(typed.message, kind="interactive", choice=one) for one in TAPS)
    return {"a tap": [replace(typed, message=one) for one in taps], **turns}


async def _route_all(
    stages: Sequence[Stage],
    turns: Mapping[str, Sequence[ConversationTurn]],
    timer: StageTimer,
    times: int,
) -> Mapping[str, Counter[str]]:
    """Return nanoseconds by kind; other messages come between, so none is known when it comes."""
    spent = {kind: Counter[str]() for kind in turns}
    for _ in range(times):
        for kind, of_kind in turns.items():
            timer.spent = spent[kind]
            began = time.process_time_ns()
            for turn in of_kind:
                await route(stages, turn)
            spent[kind][ALL] += time.process_time_ns() - began
    return spent


def _reading_microseconds(times: int) -> float:
    body = text_body(1)
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            WebhookMessage.read(json.loads(body))
        rounds.append((time.process_time() - began) / times * 1e6)
    return min(rounds)
