"""The outbox: messages in order per recipient, within the rate limits of Meta."""
