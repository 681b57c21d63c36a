"""What can be wrong with a suite or with its budgets."""

from agent.errors import BadRequestError


class SuiteBadError(BadRequestError):
    """This suite of cases cannot be read."""


class BudgetsBadError(BadRequestError):
    """These budgets cannot be read."""
