"""The library on several laptops of one user, by way of any folder that all of them see. See README.md."""
