"""Emptying records: what of each sort is deleted by a schedule, and what is read of it before."""
