"""`python -m lead` and the `lead` command."""

import sys

from lead.cli import main

if __name__ == "__main__":
    sys.exit(main())
