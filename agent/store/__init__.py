"""One SQLite file per profile: how it is opened, changed in steps, checked, backed up and restored."""

from agent.store.connection import Store, connect
from agent.store.opening import open_store
from agent.store.transaction import transaction

__all__ = ["Store", "connect", "open_store", "transaction"]
