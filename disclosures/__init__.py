"""What people are told about AI: the register of AI systems."""
