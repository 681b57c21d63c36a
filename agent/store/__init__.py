"""One SQLite file per profile: how it is opened, changed in steps, checked, backed up and restored."""

from agent.store.connection import connect, transaction
from agent.store.migrations import open_store

__all__ = ["connect", "open_store", "transaction"]
