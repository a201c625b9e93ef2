"""Pages of retention: schedules with what they would delete, legal holds, certificates of deletion."""
