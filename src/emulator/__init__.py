"""Stand-ins for the services that the bot uses. The bot never imports them."""
