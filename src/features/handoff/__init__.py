"""People can ask for a person: tickets, opening hours, alerts."""
