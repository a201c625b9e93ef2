"""Purposes: drafted, published as immutable versions, retired; what each says and which is in force."""
