"""What a company says in public of what its AI can do, with the evidence for it (ISO/IEC 42001 A.8.2; DIS-12)."""
