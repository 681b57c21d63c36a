"""Sets Carryon up and runs it: `python3 packaging/bootstrap.py run`. Standard library only.

This file must parse on any Python that a system may still carry, so that the wrong one gets a sentence instead of a
SyntaxError: no annotations, no f-strings. Everything newer lives in setup_steps/ and is imported after the check.
"""

import sys

OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def newer_python():
    """Path of a Python that is new enough, or None. Only asked when this one is too old."""
    if sys.version_info < (3, 3) or sys.platform == "win32":
        return None
    import shutil

    for name in NEWER_NAMES:
        path = shutil.which(name)
        if path:
            return path
    return None


def go_on_with_newer_python():
    """Starts this script again under a newer Python, or says what to install and stops with code 3."""
    path = newer_python()
    if path:
        import os

        os.execv(path, [path] + sys.argv)  # noqa: RUF005 - the spread form does not parse on old Pythons
    wanted = ".".join(str(part) for part in OLDEST)
    running = ".".join(str(part) for part in sys.version_info[:3])
    sys.stderr.write("Carryon needs Python " + wanted + " or newer, and this is Python " + running + " at\n  ")
    sys.stderr.write(
        str(sys.executable) + "\nInstall a newer Python, then run the same command with it, for example:\n"
    )
    sys.stderr.write("  make run PYTHON=/path/to/python3.12\n")
    sys.exit(3)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        go_on_with_newer_python()
    import signal

    from setup_steps.commands import main

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end tidies up as Ctrl-C does
    sys.exit(main(sys.argv[1:]))
