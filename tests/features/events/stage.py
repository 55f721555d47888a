"""What other systems ask the bot for in stories."""

from features.events.routes import router

ROUTERS = (router,)
