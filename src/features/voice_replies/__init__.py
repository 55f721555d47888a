"""Voice notes are answered with voice notes."""
