"""How an item reaches its destination: one module a kind, all under the contract of transports/port.py."""
