"""Who else has to stop: recipients are told of each no, and their acknowledgement is the proof (GDPR Art. 19)."""
