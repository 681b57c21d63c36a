"""Fetching model files: in parts at once, on at the byte after any cut, checked before they count.

fetch(url, folder, sha256="…", watch=on_step)   one file; Fetched, DownloadError, CancelledError (paused, kept)
unfinished(folder)                              what was paused, for lists
read_origin(path)                               where a file came from and the digest that was pinned then
published(url, patience)                        what its publisher offers now
"""

from models.downloads.address import addresses, file_name, hub_address, shown
from models.downloads.fetch import fetch
from models.downloads.origin import Origin, read_origin
from models.downloads.patience import Patience
from models.downloads.published import Published, published
from models.downloads.records import Fetched, Step, Watch, keep_on
from models.downloads.unfinished import Unfinished, discard, unfinished

__all__ = [
    "Fetched", "Origin", "Patience", "Published", "Step", "Unfinished", "Watch", "addresses", "discard", "fetch",
    "file_name", "hub_address", "keep_on", "published", "read_origin", "shown", "unfinished",
]  # fmt: skip
