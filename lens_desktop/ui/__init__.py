"""The window: one file per panel, a session between them and the two child processes."""
