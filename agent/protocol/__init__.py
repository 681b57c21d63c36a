"""The vocabulary between a front end and the core: commands go down, events come up, records ride along."""
