"""What may be asked about the user's other laptops. An exchange goes on beside the conversation; a LaptopsListed tells
how it went."""

from dataclasses import dataclass

from agent.protocol.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLaptops(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLibrary(Command):
    """Now, with the folder of the settings; the first one joins this laptop to it."""
