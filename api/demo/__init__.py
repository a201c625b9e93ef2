"""The demonstration: one fictional company with sites, AI systems, purposes and customers."""
