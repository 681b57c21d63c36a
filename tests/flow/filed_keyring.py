"""A keyring for processes under test: one JSON file beside the profile. Named by PYTHON_KEYRING_BACKEND."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class Filed(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    @property
    def _file(self) -> Path:
        return Path(os.environ["AGENTRC"]).with_name("keyring.json")

    def _kept(self) -> dict[str, str]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps({**self._kept(), f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        del kept[f"{service}/{username}"]
        self._file.write_text(json.dumps(kept))
