"""What a person sees who is not registered yet."""

from flow_engine import Menu, StartFlow, TalkToAssistant

main_menu = Menu(
    name="main_menu",
    choices={
        "register": (StartFlow("registration"),),
        "events": (StartFlow("events"),),
        "assistant": (TalkToAssistant(),),
    },
)
