"""What runs by itself: one runner, one file for each job."""
