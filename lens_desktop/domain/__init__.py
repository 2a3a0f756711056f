"""What the program talks about: frozen values and pure functions, no tensor and no Qt type."""
