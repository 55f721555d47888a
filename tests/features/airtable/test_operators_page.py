"""Operators work on the emulated Airtable page, and people see it on the phone page."""

import re

import pytest
from playwright.sync_api import expect
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")


@pytest.mark.needs("handoff", "kept_files")
def test_an_operator_takes_over_replies_and_hands_back(phone: Phone, dev_server: DevServer) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    phone.type("talk to a human")
    phone.sees("A colleague will reply here.")
    desk = phone.page.context.new_page()
    desk.goto(f"{dev_server.emulator_url}/airtable")
    status = desk.get_by_label("Status")
    expect(status).to_have_value("Needs human", timeout=LIMIT)
    status.select_option("Human")
    desk.get_by_label("Reply", exact=True).fill("This is Eva. How can I help?")
    desk.get_by_label("Send reply").check()
    phone.sees("This is Eva. How can I help?")
    expect(desk.get_by_label("Send reply")).not_to_be_checked(timeout=LIMIT)
    expect(desk.get_by_label("Reply result")).to_have_value(re.compile("(Sent|Read) at .*Eva"))
    thanks = "thank you very much " * 14
    phone.type(thanks)
    last = desk.get_by_label("Last message")
    expect(last).to_have_value(thanks.strip(), timeout=LIMIT)
    height = "cell => cell.getBoundingClientRect().height"
    assert last.evaluate(height) < 70
    expect(last).not_to_be_editable()
    last.focus()
    assert last.evaluate(height) > 100
    expect(desk.locator("th")).to_contain_text(["Contact", "Name", "Phone", "User ID"])
    dev_server.send_file(b"%PDF-1.4", "application/pdf")
    file = desk.get_by_label("Files").get_by_role("link", name="file")
    expect(file).to_have_attribute("download", "file", timeout=LIMIT)
    desk.get_by_role("button", name="Tickets").click()
    expect(desk.get_by_label("Asked")).to_have_value("talk to a human", timeout=LIMIT)
    desk.get_by_label("Done").check()
    expect(desk.get_by_label("Closed at")).not_to_have_value("", timeout=LIMIT)
    phone.type("hello")
    menus = phone.log.locator(".bubble").filter(has_text="What would you like to do?")
    expect(menus).to_have_count(2, timeout=LIMIT)


@pytest.mark.needs("faq", "broadcasts")
def test_operators_write_an_answer_and_a_broadcast(phone: Phone, dev_server: DevServer) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    desk = phone.page.context.new_page()
    desk.goto(f"{dev_server.emulator_url}/airtable")
    desk.get_by_role("button", name="FAQ").click()
    desk.get_by_role("button", name="Add a record").click()
    desk.get_by_label("Question").fill("Do you have lockers?")
    answer = desk.get_by_label("Answer")
    answer.fill("Behind the house.")
    answer.press("Tab")
    expect(desk.get_by_label("Active")).to_be_checked(timeout=LIMIT)
    phone.asks_until_told("are there lockers", "Behind the house.")
    desk.get_by_role("button", name="Broadcasts").click()
    desk.get_by_role("button", name="Add a record").click()
    desk.get_by_label("Name", exact=True).fill("Welcome")
    template = desk.get_by_label("Template")
    template.focus()
    template.select_option("hello_world:en_US")
    desk.get_by_label("Approved").check()
    desk.get_by_label("Command").select_option("Start")
    phone.sees("Welcome and congratulations!")
    expect(desk.get_by_label("State")).to_have_value("Done", timeout=LIMIT)
    expect(desk.get_by_label("Delivered")).to_have_value("1", timeout=LIMIT)
    desk.get_by_role("button", name="Contacts").click()
    expect(desk.get_by_label("Phone")).not_to_be_editable(timeout=LIMIT)
    desk.get_by_role("button", name="Add a record").click()
    expect(desk.locator("tbody tr")).to_have_count(2, timeout=LIMIT)
    added = desk.locator("tbody tr").first
    added.get_by_label("Name", exact=True).fill("Rosa")
    added.get_by_label("Phone").fill("+57 300 999 8877")
    added.get_by_label("Phone").press("Tab")
    expect(added.get_by_label("Contact")).to_have_value("Rosa · 8877", timeout=LIMIT)
    added.get_by_label("Birth date").fill("2990-02-01")
    problem = re.compile("Birth date: “2990-02-01” was not taken over")
    expect(added.get_by_label("Problem")).to_have_value(problem, timeout=LIMIT)
    expect(added.get_by_label("Birth date")).to_have_value("", timeout=LIMIT)
