"""Times as people say them, made exact by rule: `resolve`, `resolve_range`, `duration`. README.md has the rules."""

from agent.times.lengths import duration
from agent.times.moments import Kind, When, resolve
from agent.times.ranges import resolve_range

__all__ = ["Kind", "When", "duration", "resolve", "resolve_range"]
