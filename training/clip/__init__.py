"""Trains the starter CLIP: an image tower for the tags and attributes, then a text tower that says them."""
