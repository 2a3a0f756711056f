"""The second renderer and the maker of the held-out fixtures: training imports none of it."""
