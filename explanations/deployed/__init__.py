"""What is deployed: the endpoints of AI systems' models, and the groups people are compared with (ADP-01, Reg B)."""
