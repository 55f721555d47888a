"""Messages to many people: their pace, Meta's limit of people, and pauses after failures."""
