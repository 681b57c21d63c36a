"""What stands on a request beside its bytes: why it goes no further, for the call that it belongs to."""

REFUSED = "carryon.refused"
