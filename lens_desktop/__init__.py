"""Lens Desktop: ask questions about your own images, answered from evidence on view."""

__version__ = "0.1.0"
