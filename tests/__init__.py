"""Tests of the program, arranged like the package."""
