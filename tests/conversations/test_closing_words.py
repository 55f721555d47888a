"""Thanks and goodbyes in many words get a short word back; a question behind them is answered."""

import pytest
from tests.fakes.understanding import open_context

from services.conversations.opt_out_words import OptOutWords

GOODBYES = (
    "Muchas gracias, que Dios la bendiga. Hasta luego.",
    "thank you so much you were helpful bye",
    "Thank you kindly. Goodbye.",
    "Kind regards, Denise",
    "much appreciated, have a lovely day!",
    "ta love, see you saturday",
    "thanks a million! looking forward to it",
    "ok thanks bye, see you at the workshop",
    "cheers mate see you there",
    "nice one mate laters",
    "all the best to you and your family",
    "good night and thank you",
    "bye for now, take care",
    "un abrazo, nos vemos el sábado en el taller",
    "muy amable, feliz tarde",
    "gracias veci, que le vaya bien",
    "listo gracias, allá nos vemos",
    "nos vemos el sábado",
    "mil gracias por la información, feliz noche",
    "gracias por todo, cuídese mucho",
    "chao, que descanse",
    "saludos a todos",
    "valeu demais, até sábado",
    "obg viu, bom fim de semana",
    "abraço, nos vemos na oficina",
    "muito obrigada pela atenção, tenha uma boa noite",
    "até sábado então, beijos",
    "atenciosamente, João Silva",
)
THANKS = (
    "God bless you and your family",
    "thank you for your help",
    "you were very kind, thanks",
    "mil gracias, bendiciones",
    "dios me la bendiga",
    "le agradezco mucho la información",
    "muito obrigada pela atenção",
    "valeu pela ajuda, pessoal",
)
QUESTIONS = (
    "thank you, and how much is it",
    "thanks! bye. oh wait where is it",
    "gracias, ¿y dónde es?",
    "hasta luego, pero dónde queda",
    "valeu! e quanto custa?",
    "obrigada, até sábado. que horas começa",
    "see you at the workshop, can i bring my son",
)
NO_OFFERS = (
    "n quero receber msg de propaganda",
    "não gosto de receber propaganda",
    "para de mandar promoções",
    "sem publicidade por favor",
    "no quiero que me manden publicidad",
    "no me interesan las promociones",
    "nada de propaganda porfa",
    "ya no me envíen ofertas",
    "i dont want any promo messages",
    "i don't want to get ads",
    "pls no marketing msgs",
    "stop sending me promotional texts",
)
OFFERS = (
    "what offers do you have",
    "is there a promotion?",
    "no, i want the offer",
    "qué ofertas tienen",
    "quiero la promoción del taller",
    "tem desconto?",
    "no entendí la publicidad del taller",
    "trabajo en publicidad",
)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *((one, "goodbye") for one in GOODBYES),
        *((one, "thanks") for one in THANKS),
        *((one, None) for one in QUESTIONS),
    ],
)
async def test_what_closes_a_conversation(said: str, kind: str | None) -> None:
    async with open_context() as context:
        assert context.texts.vocabulary.small_talk(said) == kind


@pytest.mark.parametrize(
    ("said", "is_refused"),
    [*((one, True) for one in NO_OFFERS), *((one, False) for one in OFFERS)],
)
async def test_offers_are_refused_in_ones_own_words(said: str, is_refused: bool) -> None:
    async with open_context() as context:
        assert OptOutWords(context.texts.vocabulary).refuses_offers(said) is is_refused
