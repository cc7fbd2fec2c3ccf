"""The three logs, what they say of a case, and its judgement. No word of files or XML."""
