"""A server's tool as the registry and the outbox know it, and what came of a call."""
