"""`python -m outreach`: the command line."""

from outreach.cli import main

main()
