"""Broadcasts: an approved template for many people, by and by."""
