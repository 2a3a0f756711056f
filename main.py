"""Lens Desktop from a checkout: ``python main.py [FILES]`` opens the window; see ``python main.py --help``."""

import sys

from lens_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
