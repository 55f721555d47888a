"""Free text is answered by a language model, with tools, a history and a token budget."""
