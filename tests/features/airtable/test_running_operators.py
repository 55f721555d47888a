"""Operators in Airtable, while the bot's process is killed."""

from tests.fakes.dev_server import ANA, DevServer


def test_operators_see_everybody_once_though_the_plug_is_pulled(dev_server: DevServer) -> None:
    people = [f"57300{number:07}" for number in range(60)]
    for number, who in enumerate(people):
        dev_server.say("hola", who)
        if number % 20 == 10:
            dev_server.kill_bot()
            dev_server.start_bot()
    dev_server.wait_until(
        lambda: len(dev_server.rows("Contacts")) > 10
    )  # some of them are told by now
    dev_server.kill_bot()
    dev_server.start_bot()
    dev_server.wait_until(lambda: len(dev_server.rows("Contacts")) >= len(people))
    assert dev_server.talk("hola", start="") != ""
    seen = sorted(row["Phone"] for row in dev_server.rows("Contacts") if row["Phone"] != f"+{ANA}")
    assert seen == [f"+{who}" for who in people]
