"""Tests of the engine on tiny random checkpoints of the real architectures."""
