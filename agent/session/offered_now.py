"""Whether the publisher of a fetched model offers another version by now, in words. On a lane: it asks the network."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import ModelError

CONNECT_S, READ_S = 10.0, 10.0
OFF = "Its publisher was not asked for a newer version: the network is switched off."


@dataclass(frozen=True, slots=True)
class OfferedNow:
    """`newer`: another file lies at the address that this one came from."""

    words: str = ""
    newer: bool = False


NOBODY_ASKED = OfferedNow()


def offered_now(path: Path, folder: Path, *, denied: bool) -> OfferedNow:
    """Of a file that was fetched into `folder`, Carryon's own; what lies beside a file elsewhere, strangers may have
    written, and no address of theirs is asked."""
    from models.downloads import addresses, file_name, read_origin

    origin = read_origin(path) if path.parent == folder else None
    if origin is None:
        return NOBODY_ASKED
    if denied:
        return OfferedNow(OFF)
    try:
        news = [_news(file, path.with_name(file_name(file))) for file in addresses(origin.address)]
    except ModelError as error:
        return OfferedNow(f"{error.what} So it is not known whether there is a newer version.")
    told = next((one for one in news if one), "")
    if not told:
        return OfferedNow("Its publisher still offers this version.")
    return OfferedNow(f"Its publisher has replaced it with another version since ({told}).", newer=True)


def _news(address: str, file: Path) -> str:
    """What is new about one file, "" for nothing."""
    from models.downloads import Patience, published, read_origin

    origin = read_origin(file)
    if origin is None:
        return ""
    now = published(address, Patience(connect_s=CONNECT_S, read_s=READ_S))
    if not now.differs(origin):
        return ""
    size = f"{now.size_bytes / 1e9:.2f} GB"
    digest = f", digest {now.sha256[:12]}… instead of {origin.sha256[:12]}…" if now.sha256 else ""
    return f"{size}{digest}"
