"""Servers that other clients declared, made entries of our settings."""
