"""The part that needs the protocol's library, imported when the first server is started. All in here runs on the loop
of one server's own thread, unless it says otherwise."""
