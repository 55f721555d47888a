"""Tables and queries, by subject. All SQL that is not about lanes lives here."""
