"""Everything that the bot can do, as a list."""

from flow_engine import Menu, SendContact, ShowMenu, StartFlow, TalkToAssistant, TalkToHuman
from flows.my_data import ShowMyData

topics = Menu(
    name="topics",
    triggers=("topics", "more", "options", "temas", "más", "opciones"),
    choices={
        "register": (StartFlow("registration"),),
        "events": (StartFlow("events"),),
        "contact_card": (SendContact("contact_card"), ShowMenu()),
        "edit_profile": (StartFlow("edit_profile"),),
        "my_data": (ShowMyData(),),
        "delete_profile": (StartFlow("delete_profile"),),
        "news": (ShowMenu("news"),),
        "language": (ShowMenu("choose_language"),),
        "assistant": (TalkToAssistant(),),
        "human": (TalkToHuman(),),
    },
)
