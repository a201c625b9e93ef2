"""The append-only log of everything with legal effect: Merkle tree, checkpoints, proofs, verification."""
