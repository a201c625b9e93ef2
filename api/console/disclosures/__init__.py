"""Disclosures in the consoles: where AI is met, what people are told there, and proof that they were told."""
