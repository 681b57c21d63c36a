"""Parent side of the worker: `ModelHost` keeps one model process alive and speaks with it."""

from models.host.host import ModelHost
from models.host.limits import Limits, Settings

__all__ = ["Limits", "ModelHost", "Settings"]
