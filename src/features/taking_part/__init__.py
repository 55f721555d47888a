"""People say "sign me up for that" after something was described."""
