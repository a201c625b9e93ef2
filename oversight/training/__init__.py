"""Training of staff: who may review a contested decision (AGT-04; AI Act Art. 4, 26(2); ISO/IEC 42001, 7.2)."""
