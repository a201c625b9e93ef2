"""Vendors change their AI: whether people have to be told anew (DIS-13; GDPR Art. 13(3); ISO/IEC 42001 A.10.3)."""
