"""People change an earlier answer, and go on where they were."""

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.sample.flows.edit_profile import edit_profile
from tests.sample.flows.registration import registration

from flow_engine import Corrected, FlowState, Question, Replied, WentBack, WentTo, advance

ANSWERS = {"full_name": "Ana Gómez", "id_type": "CC", "id_number": "1020300"}
AT_DATE = FlowState(flow="registration", version=1, step="birth_date", answers=ANSWERS)


def asked(turn: object) -> str:
    return next(one.name for one in turn.effects if isinstance(one, Question))  # type: ignore[attr-defined]


def test_an_earlier_answer_is_changed_and_the_later_ones_stay() -> None:
    back = advance(registration, AT_DATE, WentTo("full_name"))
    assert back.state is not None
    assert asked(back) == "registration.full_name"
    on = advance(registration, back.state, Replied("Ana Pérez"))
    assert on.state is not None
    assert asked(on) == "registration.birth_date"
    assert on.state.answers == ANSWERS | {"full_name": "Ana Pérez"}
    assert not on.state.correcting


def test_who_goes_back_from_a_change_changes_nothing() -> None:
    back = advance(registration, AT_DATE, WentTo("full_name"))
    assert back.state is not None
    on = advance(registration, back.state, WentBack())
    assert asked(on) == "registration.birth_date"
    assert on.state is not None
    assert on.state.answers == ANSWERS


def test_a_correction_is_checked_like_an_answer() -> None:
    refused = advance(registration, AT_DATE, Corrected("full_name", Replied("7")))
    [question] = [one for one in refused.effects if isinstance(one, Question)]
    assert question.name == "registration.full_name"
    assert question.preface == "registration.full_name.invalid"
    taken = advance(registration, AT_DATE, Corrected("full_name", Replied("Ana Pérez")))
    [question] = [one for one in taken.effects if isinstance(one, Question)]
    assert (question.name, question.preface) == ("registration.birth_date", "common.corrected")


def test_a_correction_may_lead_into_another_branch() -> None:
    state = FlowState(flow="edit_profile", version=1, step="about", answers={"field": "about"})
    turned = advance(edit_profile, state, Corrected("field", Replied("full_name")))
    assert asked(turned) == "edit_profile.full_name"


@pytest.mark.parametrize(
    ("who", "start", "change", "then"),
    [
        (ANA, "registrarme", "quiero cambiar mi nombre", "¿Cuándo naciste?"),
        (ANA, "registrarme", "corregir el apellido por favor", "¿Cuándo naciste?"),
        (JOHN, "register", "change my name", "When were you born?"),
        (JOHN, "register", "I want to correct my full name", "When were you born?"),
    ],
)
async def test_change_my_name(
    town: BotHarness, who: str, start: str, change: str, then: str
) -> None:
    [first] = await town.say(start, who)
    for answer in ("Ana Gómez", "cc", "123"):
        await town.say(answer, who)
    assert await town.say(change, who) == [first]
    [on] = await town.say("Grace Hopper", who)
    assert on.startswith(then)


async def test_change_names_the_right_question(town: BotHarness) -> None:
    await town.say("registrarme")
    for answer in ("Ana Gómez", "cc", "123", "25/12/1990"):
        await town.say(answer)
    assert (await town.say("cambiar el número"))[0] == "¿Cuál es el número de tu documento?"
    assert (await town.say("cambiar mi fecha de nacimiento"))[0].startswith("¿Cuándo naciste?")
    assert (await town.say("cambiar el tipo de documento"))[0].startswith("¿Qué documento")


async def test_an_older_menu_in_a_form_does_what_it_says(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    assert await town.tap_id("main_menu.events") == ["¿Qué evento te interesa?"]
    [*_, told] = await town.tap("open_day")
    assert told.endswith("¿Qué documento de identidad tienes?")


@pytest.mark.parametrize(
    ("who", "again", "told"),
    [(ANA, "registrarme", "Ya tienes un registro"), (JOHN, "register", "registered already")],
)
async def test_who_is_registered_is_offered_to_edit(
    town: BotHarness, who: str, again: str, told: str
) -> None:
    await register(town, who)
    await town.say("english" if who == JOHN else "español", who)
    [offer] = await town.say(again, who)
    assert told in offer
    assert len(await town.tap("exit.edit_profile", who)) == 1
    await town.say("cancel", who)
    await town.say(again, who)
    assert len(await town.tap("exit.menu", who)) == 1


@pytest.mark.parametrize(
    ("who", "asks", "told"),
    [(ANA, "editar mis datos", "Todavía no"), (JOHN, "edit my data", "not registered yet")],
)
async def test_strangers_are_told_why_they_register(
    town: BotHarness, who: str, asks: str, told: str
) -> None:
    [asked] = await town.say(asks, who)
    assert told in asked
    assert "\n\n" in asked


@pytest.mark.parametrize(
    ("who", "asks", "told"),
    [(ANA, "borrar mis datos", "No borramos"), (JOHN, "delete my data", "was not deleted")],
)
async def test_a_cancelled_deletion_says_that_nothing_was_deleted(
    town: BotHarness, who: str, asks: str, told: str
) -> None:
    await town.say(asks, who)
    assert told in (await town.say("cancel", who))[0]


async def test_who_is_registered_may_agree_to_a_new_text(town: BotHarness) -> None:
    await register(town)
    before = (await town.user()).consent_at
    await town.wait(60)
    await town.say("registrarme")
    assert await town.tap("exit.register_again") == ["¿Cuál es tu nombre completo?"]
    await town.say("cancelar")
    assert (await town.user()).full_name is not None
    await town.say("registrarme")
    await town.tap("exit.register_again")
    for text in ("Ana Gómez", "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos"):
        await town.say(text)
    [done] = await town.tap("consent.yes")
    assert "listo" in done
    user = await town.user()
    assert user.full_name == "Ana Gómez"
    assert before is not None
    assert user.consent_at is not None
    assert user.consent_at > before
