"""Checkpoints on the disk: the catalogue, getting them from a hub, keeping and verifying them. No torch, no Qt."""
