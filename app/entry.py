"""`carryon`: without a word it opens the window; what reads a command line is imported for whoever says more."""

import sys


def main() -> int:
    if len(sys.argv) > 1:
        from app.cli import main as command_line

        command_line(prog_name="carryon")  # ends the process
    from app.boot import main as window

    return window()


if __name__ == "__main__":
    sys.exit(main())
