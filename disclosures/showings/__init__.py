"""Proof of display: who was shown which notice before the AI first spoke, and who was not (EU AI Act Art. 50(5))."""
