"""Operators in Airtable, while the bot's process is killed."""

from tests.fakes.laptop import ANA, Laptop


def test_operators_see_everybody_once_though_the_plug_is_pulled(laptop: Laptop) -> None:
    people = [f"57300{number:07}" for number in range(60)]
    for number, who in enumerate(people):
        laptop.say("hola", who)
        if number % 20 == 10:
            laptop.kill_bot()
            laptop.start_bot()
    laptop.wait_until(lambda: len(laptop.rows("Contacts")) > 10)  # some of them are told by now
    laptop.kill_bot()
    laptop.start_bot()
    laptop.wait_until(lambda: len(laptop.rows("Contacts")) >= len(people))
    assert laptop.talk("hola", start="") != ""
    seen = sorted(row["Phone"] for row in laptop.rows("Contacts") if row["Phone"] != f"+{ANA}")
    assert seen == [f"+{who}" for who in people]
