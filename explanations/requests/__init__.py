"""Requests for an explanation: from a person's question to a reviewed answer, on the law's clock (GDPR Art. 12, 15)."""
