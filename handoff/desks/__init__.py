"""Help desks of others, one file for each."""
