"""Reasons in approved words: which inputs make one reason, what it is called, and who approved that."""
