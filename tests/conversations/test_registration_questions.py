"""Questions about the registration are answered, and never start it."""

import pytest
from tests.fakes.bot import BotHarness
from tests.fakes.understanding import open_context

from services.conversations.registration_questions import Asked, asked_of_registration

#: What the rules were made with.
LINES: dict[Asked | None, str] = {
    Asked.IS_REGISTERED: """
        am i in or not
        is my place sure
        did it go through
        is my spot confirmed for saturday?
        hey, am i registered already?
        do i have a seat at the workshop?
        is my name on the list?
        did my registration go through or what
        so am i signed up or not?
        do you have me down for the workshop?
        abeg i don register abi
        am i on the list for saturday?
        ya estoy inscrita o no para el taller??
        pero ya quedé en el taller?
        ¿Estoy anotado, sí o no?
        quede inscrita?
        mi cupo está seguro?
        ya quedó confirmado mi cupo?
        oye, yo sí estoy en la lista?
        tengo cupo para el sábado?
        será que quedé registrada?
        me inscribieron sí o no
        aparezco en la lista?
        fiquei na lista?
        minha inscrição deu certo?
        to inscrita ou não?
        minha vaga tá garantida?
        meu nome tá na lista?
        oi, eu já estou inscrito na oficina?
        será que consegui me inscrever?
        tenho vaga no sábado?
        meu cadastro deu certo né
    """,
    Asked.MUST_REGISTER: """
        do i need to register to come or can i just show up
        is it mandatory to sign up
        must i register first?
        can i come without registering?
        is registration required for the open day?
        do we have to sign up before saturday
        hay que inscribirse?
        tengo que registrarme o puedo llegar no más
        es obligatorio inscribirse para ir?
        necesito registrarme para el taller?
        puedo ir sin inscribirme?
        toca inscribirse antes?
        preciso me inscrever?
        tem que se cadastrar pra ir?
        é obrigatório fazer inscrição?
        posso ir sem inscrição?
        precisa se inscrever ou posso só aparecer
    """,
    Asked.OTHER_PERSON: """
        register my son too
        can i register my wife from this phone
        can you sign up my friend as well?
        anóteme a mí y a mi señora
        ¿y mi señora no queda inscrita?
        ¿cómo registro a mi esposa desde este mismo teléfono?
        puede inscribir también a mi hijo?
        quiero inscribir a otra persona
        pode inscrever meu marido?
        quero cadastrar minha filha também
        coloca meu irmão na lista
    """,
    None: """
        register
        i want to register
        sign me up please
        i'd like to register for the workshop
        need to register
        necesito inscribirme
        quiero inscribirme
        me quiero registrar por favor
        quero me inscrever
        preciso me cadastrar
        Ya estoy inscrita, ¿a qué hora es?
        i am registered, when does it start?
        já estou inscrita, que horas começa?
        what do i need to bring?
        how do i register?
        cómo me inscribo?
        where is my place on the map?
        I do not want to register
        am i in the right place?
        estou na rua certa?
        my son is 5 years old
        my brother registered already
        mi hermano ya se registró
        puedo llevar a mi hijo?
        can i bring my wife?
        posso levar minha filha?
        quanto custa a oficina?
        when is the registration open?
        cuándo quedo inscrita?
        estoy en el taller mecánico
        soy Ana, estoy inscrita
        change my registration
    """,
}
#: What was written when they were there: 29 of 40 were understood at first.
LINES_AFTER: dict[Asked | None, str] = {
    Asked.IS_REGISTERED: """
        so did my sign up actually work?
        just checking, is my seat still reserved?
        am i on it or not
        have i been registered yet?
        did you put me on the list?
        do i still have my spot?
        quick question: am i already enrolled?
        is my booking confirmed
        i don dey the list?
        will i be able to get in, am i registered?
        ¿ya aparezco inscrito?
        entonces sí quedé registrado o qué
        disculpe, mi inscripción quedó hecha?
        ¿sigo en la lista del sábado?
        tengo mi puesto asegurado?
        ya me anotaste?
        ¿sí quedó mi registro?
        estoy dentro o no
        me puede confirmar si estoy inscrita
        ¿ya estamos inscritos?
        gente, estou na lista?
        minha vaga está confirmada?
        já tô cadastrada ou não
        vcs me inscreveram?
        será que minha inscrição entrou
        queria saber se estou inscrito
        tô inscrito mesmo?
        a minha inscrição foi feita?
        meu lugar tá garantido?
        fiquei inscrita?
    """,
    Asked.MUST_REGISTER: """
        is sign up needed?
        do people have to book?
        can i walk in without booking?
        hace falta registrarse?
        se puede llegar sin registro?
        la inscripción es obligatoria?
        tengo que anotarme antes?
        é preciso se cadastrar?
        dá pra chegar direto?
        a inscrição é obrigatória?
    """,
}
WHO = "15550001111"


def lines() -> list[tuple[Asked | None, str]]:
    tables = (*LINES.items(), *LINES_AFTER.items())
    found = ((asked, text.split("\n")) for asked, text in tables)
    return [(asked, one.strip()) for asked, texts in found for one in texts if one.strip()]


async def test_questions_about_the_registration_are_understood() -> None:
    async with open_context() as context:
        texts = context.texts
        wrong = [one for asked, one in lines() if asked_of_registration(texts, one) is not asked]
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("do i need to register to come or can i just show up", "Yes, for the workshop"),
        ("preciso me inscrever?", "Para a oficina, sim"),
        ("hay que inscribirse?", "Para el taller, sí"),
        ("am i in or not", "You are not registered yet."),
        ("register my son too", "One number registers one person."),
    ],
)
async def test_they_start_no_form_and_are_answered_in_it(
    town: BotHarness, said: str, told: str
) -> None:
    [answer] = await town.say(said, WHO)
    assert told in answer
    await town.say("register", WHO)
    [answer] = await town.say(said, WHO)
    assert told in answer
    await town.say("Ana Ruiz", WHO)
    assert any(choice["id"].endswith("PASSPORT") for choice in town.choices(WHO))


async def test_who_is_registered_is_told_so_with_name_and_day(town: BotHarness) -> None:
    for words in ("register", "Ana Ruiz", "passport", "AB102030", "25 may 1990", "skip", "yes"):
        await town.say(words, WHO)
    [answer] = await town.say("is my place sure", WHO)
    assert answer.startswith("Yes, Ana, you are registered")
    assert "Saturday" in answer


async def test_a_name_that_is_said_plainly_is_corrected_at_once(town: BotHarness) -> None:
    for words in ("register", "Ana Ruiz", "passport", "AB102030", "25 may 1990", "skip", "yes"):
        await town.say(words, WHO)
    await town.say("i wan change my name spelling, na Chidiebere Okonkwo", WHO)
    assert (await town.user(WHO)).full_name == "Chidiebere Okonkwo"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("my name is spelled Anna Ruiz Soto", "Anna Ruiz Soto"),
        ("mi nombre debe ser Anna Ruiz Soto", "Anna Ruiz Soto"),
        ("meu nome se escreve Anna Ruiz Soto", "Anna Ruiz Soto"),
    ],
)
async def test_a_corrected_name_is_shown_once(town: BotHarness, said: str, name: str) -> None:
    for words in ("register", "Ana Ruiz", "passport", "AB102030", "25 may 1990", "skip", "yes"):
        await town.say(words, WHO)
    [asked] = await town.say(said, WHO)
    assert f"*{name}*" in asked
    assert (await town.user(WHO)).full_name == "Ana Ruiz"
    await town.tap("right", WHO)
    assert (await town.user(WHO)).full_name == name


@pytest.mark.parametrize(
    "said",
    [
        *("Fernanda Lima de novo, vc já tinha", "Fernanda Lima otra vez, ya te lo di"),
        *("Fernanda Lima again, you already have it", "como te dije, Fernanda Lima"),
    ],
)
async def test_words_for_again_are_no_part_of_a_name(town: BotHarness, said: str) -> None:
    for words in ("register", said, "passport", "AB102030", "25 may 1990", "skip", "yes"):
        await town.say(words, WHO)
    assert (await town.user(WHO)).full_name == "Fernanda Lima"


@pytest.mark.parametrize(
    ("no", "said", "told"),
    [
        ("don't store", "changed my mind, store it", "I kept none of your answers"),
        ("no guardar", "cambié de opinión, guárdalo", "no guardé ninguna"),
        ("não guardar", "mudei de ideia, pode guardar sim", "não guardei nenhuma"),
    ],
)
async def test_a_refusal_may_be_taken_back(town: BotHarness, no: str, said: str, told: str) -> None:
    for words in ("register", "Ana Ruiz", "passport", "AB102030", "25 may 1990", "skip", no):
        await town.say(words, WHO)
    [asked] = await town.say(said, WHO)
    assert told in asked
    await town.say("Ana Ruiz", WHO)
    assert (await town.user(WHO)).full_name is None
