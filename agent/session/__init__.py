"""Commands in, events out: what a front end talks to. One room of handlers for each room of the window."""
