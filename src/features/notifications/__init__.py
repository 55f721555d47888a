"""Notifications: other systems send messages by HTTP."""
