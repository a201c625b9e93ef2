"""The register of touchpoints: where customers meet AI systems (EU AI Act Art. 26, 50; ISO/IEC 42001 A.4.2, A.9.4)."""
