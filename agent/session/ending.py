"""How long what goes on beside the session is waited for at its end: all of it together, not each in turn.

Whoever is not done by then ends with the process; each of them can be ended at any moment and is settled at the next
start.
"""

import threading
import time

ALL_SECONDS_MAX = 6.0  # of those the window waits (thread.py); the rest is for commands that wait and for files


class Ending:
    """For one thread. Its time begins with the first that is waited for."""

    def __init__(self, seconds: float = ALL_SECONDS_MAX) -> None:
        self._seconds = seconds
        self._until: float | None = None

    def wait_for(self, thread: threading.Thread, most_s: float) -> None:
        """Until it has ended, for `most_s` or what is left."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        if thread.ident is not None:
            thread.join(max(min(most_s, self._until - now), 0.0))
