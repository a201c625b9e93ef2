"""Conversations between customers and AI systems: what is reported of them, and what it triggers."""
