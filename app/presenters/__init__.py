"""What the screens show and what they may ask for, without Qt: events go in, commands come out, views are frozen rows."""
