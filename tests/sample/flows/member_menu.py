"""What a registered person sees."""

from flow_engine import Menu, ShowMenu, StartFlow, TalkToAssistant

member_menu = Menu(
    name="member_menu",
    choices={
        "topics": (ShowMenu("topics"),),
        "events": (StartFlow("events"),),
        "assistant": (TalkToAssistant(),),
    },
)
