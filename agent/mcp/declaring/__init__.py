"""What the settings and the servers say: how each is reached, what it has, what its tools are and are called."""
