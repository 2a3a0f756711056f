"""Reading image files in one guarded process: limits of size, time and memory, and a sentence for every bad file."""
