"""The work, with a life of its own: artifacts, versions, search, tasks, events, timers. See README.md."""

from agent.library.artifacts import Origin
from agent.library.finding import Finding
from agent.library.library import Library
from agent.library.timers import Timer

__all__ = ["Finding", "Library", "Origin", "Timer"]
