"""What staff report about AI systems: faults and ideas (AGT-05; ISO/IEC 42001, A.3.3)."""
