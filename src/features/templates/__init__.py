"""Templates: what Meta lets the bot say to people who have not written for a day."""
