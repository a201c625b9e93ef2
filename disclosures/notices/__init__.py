"""Notices: drafted, checked, approved by a second person, published as immutable versions (EU AI Act Art. 50(5))."""
