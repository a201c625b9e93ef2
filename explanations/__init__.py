"""Explanations: decisions, adapters to deployed models, and an account of a decision that has been checked."""
