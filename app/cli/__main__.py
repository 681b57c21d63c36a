"""`python -m app.cli`: the command line from a checkout."""

from app.cli import main

main(prog_name="carryon")
