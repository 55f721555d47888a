"""The inbox in stories."""

from features.inbox import page_routes, routes

ROUTERS = (page_routes.router, routes.router)
