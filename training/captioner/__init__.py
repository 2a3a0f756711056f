"""The starter captioner: a small BLIP trained from scratch on drawn scenes."""
