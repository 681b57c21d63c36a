"""One server from its start to its end, for any thread. What needs the protocol's library is in wire/."""
