"""Parent side of the worker: `ModelHost` keeps one model process alive and speaks with it."""
