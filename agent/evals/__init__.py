"""What works without a network, held against what works with one: cases as data, judge, scoreboard, gate."""
