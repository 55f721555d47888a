"""Whether a person wants to hear of offers: nothing else makes the bot send marketing."""

from flow_engine import Menu, Say, SetMarketing, ShowMenu

news = Menu(
    name="news",
    triggers=("news", "offers", "novedades", "ofertas"),
    choices={
        "yes": (SetMarketing(True), Say("news.subscribed"), ShowMenu()),
        "no": (SetMarketing(False), Say("news.unsubscribed"), ShowMenu()),
    },
)
