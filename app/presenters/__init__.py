"""What the screens show and what they may ask for, without Qt: events in, commands out, frozen rows to look at."""
