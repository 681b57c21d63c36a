"""The model loads while the rooms do: two cores, two jobs. Apart from compose.py, since this must import little."""

from typing import TYPE_CHECKING

from agent.spans import span

if TYPE_CHECKING:
    from models.host import ModelHost


def start_worker_early() -> "ModelHost":
    """The bundled model's worker, starting. Hand it to `start_session`, which closes it."""
    with span("model imports"):
        from agent.paths import Paths
        from models.catalog import STARTER, Catalog
        from models.host import ModelHost
    with span("model file"):
        known = Catalog(Paths.of().make().data).resolve(STARTER)
    with span("spawn starter"):
        host = ModelHost(known.path, name=known.name, sha256=known.sha256)
        host.start()
    return host
