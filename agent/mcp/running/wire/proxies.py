"""The proxy of this system, which the library would otherwise read from the environment, with much else."""

import urllib.request

import httpx2

from sync.transports.places import is_loopback


def proxy_for(url: str) -> str | None:
    """The one that this system uses for such addresses; none on this machine."""
    parts = httpx2.URL(url)
    if is_loopback(parts.host) or urllib.request.proxy_bypass(parts.host):
        return None
    proxy = urllib.request.getproxies().get(parts.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy  # "proxy:3128" is written there, too
