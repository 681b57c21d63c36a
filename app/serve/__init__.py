"""`carryon serve`: the models of this machine for other programs on it, in the form that OpenAI's clients speak.

Imported by app.cli.serve alone. README.md of app says how to use it, and why it is as it is.
"""

PORT = 22_779  # CARRY on a telephone's keys
KEPT_AS = "serve"
KEPT_IN = f"keyring:{KEPT_AS}"
