"""What the user corrected, kept on this machine and with consent only: pairs that an adapter can be trained on."""

from agent.corrections.purging import PURGES
from agent.corrections.records import Correction, How
from agent.corrections.store import Corrections

__all__ = ["PURGES", "Correction", "Corrections", "How"]
