"""Explanations in plain words: sentences from facts, in several languages, checked against the record."""
