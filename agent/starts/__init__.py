"""Every start of this machine's Carryon: what it spent its time on, of which class it was, whether that was good."""
