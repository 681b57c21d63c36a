"""Thin widgets: they show what a presenter holds and tell it what the user did. No state of their own worth keeping."""
