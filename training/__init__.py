"""How the starter checkpoints and vocabularies are made and measured: not part of the program."""
