"""Bringing a person to a person: handoffs, queues, conversations, and the help desks of others."""
