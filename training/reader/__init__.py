"""The reader: a small LLM that answers questions from evidence prompts, trained from scratch on text alone."""
