"""Pages about who else has to stop when a person says no: recipients, and the proof that they did."""
