"""WhatsApp voice calls: signalling and rules in the bot, audio in a child process."""
