"""Retention (EVI-03; GDPR Art. 5(1)(e), 17): how long what is kept, what is held, and proof of what was deleted."""
