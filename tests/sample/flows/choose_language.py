"""Speak the language that the person chooses."""

from flow_engine import LANGUAGES, Menu, Say, SetLanguage, ShowMenu

choose_language = Menu(
    name="choose_language",
    triggers=("language", "idioma"),
    choices={
        language: (SetLanguage(language), Say("choose_language.done"), ShowMenu())
        for language in LANGUAGES
    },
)
