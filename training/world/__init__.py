"""The drawn world the starter checkpoints know: what a scene holds and how it is put into words."""
