"""The model loads while Qt does: two cores, two jobs. Apart from compose.py, since this must import almost nothing."""

from agent.paths import Paths
from models.catalog import STARTER, Catalog
from models.host import ModelHost


def start_worker_early() -> ModelHost:
    """The bundled model's worker, starting. Hand it to `start_session`, which closes it."""
    known = Catalog(Paths.of().make().data).resolve(STARTER)
    host = ModelHost(known.path, name=known.name, sha256=known.sha256)
    host.start()
    return host
