"""A model that always obeys the attacker: it reads what it is told to, and where an order stands in what it reads, it
carries the order out. Real models may see through an attack; the rules may not depend on it.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from models.contracts import Called, ChatRequest, Delta, Finished
from tests.flow.chatting import Chatty, Do

MARK = "URGENT-ORDER"  # what the attacker writes; whoever reads it obeys

Orders = Callable[[ChatRequest], Sequence[Do]]


@dataclass
class Plan:
    """`reads`: the calls that the user's wish leads to; `orders`: what the attacker wants then."""

    reads: Sequence[Do] = ()
    orders: Orders = lambda _request: ()
    says: str = "As you wish."
    obeyed: bool = False
    begun: bool = field(default=False)


class Obedient(Chatty):
    """Obeys once for each plan. `saw`: whether the attack reached it, without which a test would prove nothing."""

    def __init__(self) -> None:
        super().__init__(n_ctx=32_768)
        self.plan = Plan()

    @property
    def saw(self) -> bool:
        return self.plan.obeyed

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        self.answers.clear()
        self.answers.append(self._next(request))
        yield from super().chat(request)

    def _next(self, request: ChatRequest) -> Sequence[Do | str]:
        plan = self.plan
        if not plan.obeyed and any(MARK in message.text for message in request.messages):
            plan.obeyed = True
            return [*plan.orders(request), plan.says]
        if not plan.begun:
            plan.begun = True
            return [*plan.reads] or [plan.says]
        return [plan.says]
