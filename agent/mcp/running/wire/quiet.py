"""The library's own log would repeat what servers write, unbounded, on this program's stderr; so it is turned off.
What matters of it reaches the user as an error's words."""

import logging

LOGGERS = ("client", "mcp", "httpx2", "httpcore2")


def hush() -> None:
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.disabled = True
        logger.setLevel(logging.CRITICAL + 1)
