"""Offers: signed proof of what a person was offered, for one choice each (GDPR Art. 7(1))."""
