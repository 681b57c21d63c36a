"""The environment that a server is started with: what a program needs to run at all, and what the user declared for it.

Nothing else is handed on: Carryon's own variables, the tokens and keys of the user's shell stay here.
"""

import os
import sys
from collections.abc import Mapping

POSIX = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
WINDOWS = (
    "APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PATH", "PATHEXT",
    "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME",
    "USERPROFILE", "WINDIR",
)  # fmt: skip


def minimal(declared: Mapping[str, str], here: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A value that begins with "()" is a shell's function and no setting."""
    kept = {name: here[name] for name in (WINDOWS if sys.platform == "win32" else POSIX) if name in here}
    return {name: value for name, value in kept.items() if not value.startswith("()")} | dict(declared)
