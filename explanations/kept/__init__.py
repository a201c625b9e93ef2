"""Explanations as they were given: stored once, superseded by newer ones; and the runs that take long."""
