"""What a chat model keeps of conversations on this disk, so that going on is quick: on which terms, and when it goes.

The folder belongs to the models; this floor knows the settings, the keyring, and what was reset. Nothing of models is
imported before a state is kept or dropped.
"""

import base64
import binascii
import contextlib
import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agent.agentrc.errors import SecretError
from agent.agentrc.references import keyring_get, keyring_set
from agent.agentrc.settings import Settings
from agent.conversation import Purge
from agent.errors import BrokenError

if TYPE_CHECKING:
    from models.snapshots.folder import Snapshots
    from models.snapshots.terms import Mode, Terms

KEY_NAME = "saved-states"  # in the keyring
KEY_BYTES = 32
NONE_KEPT = "No state of the model is kept on the disk, because it cannot be encrypted here: "


class SavedStates:
    """`settings()` are those in force, `get` and `put` the keyring. `terms()` is asked from the threads of models."""

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], Settings],
        get: Callable[[str], str | None] = keyring_get,
        put: Callable[[str, str], None] = keyring_set,
    ) -> None:
        self.folder = folder
        self._settings = settings
        self._get = get
        self._put = put
        self._key = b""

    @property
    def snapshots(self) -> "Snapshots":
        from models.snapshots.folder import Snapshots

        return Snapshots(self.folder, self._settings().model_saved_states)

    def terms(self) -> "Terms":
        """As the settings say now. Without a key nothing is kept, and the reason goes along."""
        from models.snapshots.terms import OFF, Terms

        room = self._settings().model_saved_states
        if self._mode == "kept":
            return Terms("kept", room=room)
        if self._mode == "none":
            return OFF
        if importlib.util.find_spec("cryptography") is None:
            return Terms("none", why=f"{NONE_KEPT}the package cryptography is missing.")
        try:
            return Terms("encrypted", self._unlocked(), room=room)
        except SecretError:
            return Terms("none", why=f"{NONE_KEPT}this system offers no keyring, or it is locked.")

    def hold_to_settings(self) -> None:
        """What they no longer allow does not stay until somebody chats. What cannot go now is tried again then."""
        if self.folder.is_dir():
            with contextlib.suppress(OSError):
                self.snapshots.hold_to(self._mode)
                if self._mode != "none":
                    self.snapshots.prune()

    def purge(self) -> Purge:
        return Purge("the model's saved state", self._drop, holds=self._holds)

    def clear(self) -> None:
        """Of all conversations and all models."""
        with self._told():
            self.snapshots.clear()

    def _drop(self, _connection: sqlite3.Connection, conversation_id: str) -> None:
        from models.snapshots.key import conversation_digest

        with self._told():
            self.snapshots.forget(conversation_digest(conversation_id))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """A purge that cannot be done is no purge: the whole change is given up, with words."""
        try:
            yield
        except OSError as error:
            raise BrokenError(
                f"A saved state of the model cannot be deleted ({error.strerror or error}), so nothing was changed.",
                str(self.folder), "Close other windows of Carryon and try again, or delete that folder.",
            ) from error  # fmt: skip

    def _holds(self, _connection: sqlite3.Connection, conversation_id: str) -> bool:
        from models.snapshots.key import conversation_digest

        return self.folder.is_dir() and self.snapshots.holds(conversation_digest(conversation_id))

    @property
    def _mode(self) -> "Mode":
        settings = self._settings()
        return cast("Mode", settings.privacy_snapshots) if settings.model_saved_states else "none"

    def _unlocked(self) -> bytes:
        """The key, made at first use. Read back: another process may have been quicker."""
        if not self._key:
            if _decoded(self._get(KEY_NAME)) is None:
                self._put(KEY_NAME, base64.b64encode(os.urandom(KEY_BYTES)).decode())
            self._key = _decoded(self._get(KEY_NAME)) or b""
        if not self._key:
            raise SecretError("The keyring does not give back what was put there.")
        return self._key


def _decoded(text: str | None) -> bytes | None:
    try:
        key = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
