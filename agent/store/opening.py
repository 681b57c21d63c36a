"""The way into a profile's database: look it over, bring it up to date, or open it as it may be opened."""

from pathlib import Path

from agent.store.backup import backups_of, before_step, copies
from agent.store.connection import Store, connect
from agent.store.errors import damaged
from agent.store.integrity import look_over
from agent.store.migrations import all_steps, migrate, standing


def open_store(path: Path) -> Store:
    """The profile's database, up to date. One that a newer Carryon wrote opens read-only, with `newer` set.

    Raises DatabaseDamagedError, DatabaseBusyError, DiskFullError; the file is left as it is.
    """
    _refuse_damaged(path)
    store = connect(path)
    try:
        steps = all_steps()
        state = standing(store, steps)
        if state.unknown:
            store.close()
            store = connect(path, read_only=True)
            store.newer = state.unknown
        elif state.due:
            if not state.empty:
                before_step(store, state.due[0])
            migrate(store, steps)
    except BaseException:
        store.close()
        raise
    return store


def _refuse_damaged(path: Path) -> None:
    if trouble := look_over(path):
        raise damaged(path, trouble)
    if path.exists() and path.stat().st_size == 0 and copies(backups_of(path)):
        raise damaged(path, "it is empty, though there are backups of it")
