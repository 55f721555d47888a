"""The routes of the webhook, which `app.main` includes by itself."""

from routes.webhook_routes import router

__all__ = ["router"]
