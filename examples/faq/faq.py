"""Answer the usual questions from a list, and hand over to a person for all others."""

from flow_engine import Menu, Say, ShowMenu, TalkToHuman

common_questions = Menu(
    name="common_questions",
    triggers=("questions", "preguntas", "perguntas"),
    choices={
        "hours": (Say("common_questions.hours"), ShowMenu("common_questions")),
        "prices": (Say("common_questions.prices"), ShowMenu("common_questions")),
        "returns": (Say("common_questions.returns"), ShowMenu("common_questions")),
        "person": (TalkToHuman("a question"),),
    },
)
