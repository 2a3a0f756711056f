"""The library: where images are found."""
