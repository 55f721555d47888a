"""Speak the language that the person chooses."""

from flow_engine import Menu, Say, SetLanguage, ShowMenu

choose_language = Menu(
    name="choose_language",
    triggers=("language", "idioma"),
    phrases=("(change|switch|other|another) [the] [my] language", "(cambiar|otro) [el|de] idioma"),
    choices={
        "en": (SetLanguage("en"), Say("choose_language.done"), ShowMenu()),
        "es": (SetLanguage("es"), Say("choose_language.done"), ShowMenu()),
    },
)
