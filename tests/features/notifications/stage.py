"""What other systems ask the bot for in stories."""

from features.notifications.routes import router

ROUTERS = (router,)
