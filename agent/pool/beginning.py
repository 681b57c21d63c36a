"""What a first message to a chat model begins with, as a request that is over as soon as that is read."""

import time

from agent.loop.fitting import TOOLS_CHARACTERS, Sheet
from agent.loop.ports import Ports
from agent.loop.prompt import assembled
from agent.protocol.records import Message, Role
from models.contracts import ChatRequest
from models.contracts import Message as ChatMessage

GREETING = "Hello"


def beginning(ports: Ports, window: int) -> ChatRequest | None:
    """`window`: tokens that the model holds. With as many tools as a turn would tell it of, by what is known by now of
    how many tokens it makes of their words. None: not even without tools. Reads nothing of the database."""
    brief = ports.brief
    asked = Message("", "", "", Role.USER, GREETING, int(time.time() * 1_000))
    for share in TOOLS_CHARACTERS:
        offered = brief.offered(round(window * share))
        system = brief.system(acts=bool(offered.tools))
        sheet = Sheet(window, system, offered, None, (), (), (), "")
        if sheet.fixed(ports, (ChatMessage("user", GREETING),)) <= sheet.holds:
            messages = assembled(system, (), asked, (), "", brief.zone)
            return ChatRequest(messages, max_tokens=1, temperature=0.0, tools=offered.tools)
    return None
