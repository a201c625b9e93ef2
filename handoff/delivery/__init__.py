"""Between us and the help desks of others: what goes out, what comes in, who failed."""
