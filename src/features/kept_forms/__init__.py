"""Forms that people leave for the menu, or for a person, wait for them."""
