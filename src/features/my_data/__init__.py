"""People can see what the bot keeps about them."""
