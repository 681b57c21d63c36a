"""Destinations that Carryon serves itself, on this machine alone, so that the whole story runs without an account."""

from sync.practice.server import PracticeServer
from sync.practice.store import Received

__all__ = ["PracticeServer", "Received"]
