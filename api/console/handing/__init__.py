"""Pages about handing over to people: help desks of others, queues with their hours, and how it goes."""
