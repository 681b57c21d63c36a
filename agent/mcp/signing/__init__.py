"""Signing in to servers at an address (OAuth 2.1): what is kept of it, where, and which servers want it."""
