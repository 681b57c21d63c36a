# Thin over packaging/bootstrap.py, which also works where there is no make. `make help` lists the targets.
PYTHON ?= python3
# Arguments for the program that a target starts: make test ARGS="-k outbox"
ARGS ?=

bootstrap = @$(PYTHON) packaging/bootstrap.py
passing = $(if $(strip $(ARGS)),-- $(ARGS))

.PHONY: help setup run story test check bench coldstart fuzz soak screenshots train eval-starter eval-offline fresh clean pins
.DEFAULT_GOAL := help

help:          ## list the targets
	@grep -E '^[a-z-]+: +##' $(MAKEFILE_LIST) | sed 's/: *## / /' | awk '{n=$$1; $$1=""; printf "  make %-12s%s\n", n, $$0}'

setup:         ## set everything up and start nothing
	$(bootstrap) setup

run:           ## set up on first use and open the window
	$(bootstrap) run $(passing)

story:         ## tell the main story in the terminal
	$(bootstrap) story $(passing)

test:          ## set up and pass every check and test
	$(bootstrap) test $(passing)

check:         ## every check but the tests
	$(bootstrap) check

bench:         ## measure, print a table and JSON
	$(bootstrap) bench $(passing)

fuzz:          ## damage ten thousand models; each must end in words or work
	$(bootstrap) fuzz $(passing)

soak:          ## kill real processes twenty thousand times, then simulate worlds; ARGS="--minutes 30 --seed 7"
	$(bootstrap) soak $(passing)

coldstart:     ## hold fresh starts, twenty of each class, against their budgets
	$(bootstrap) coldstart $(passing)

screenshots:   ## render every view
	$(bootstrap) screenshots $(passing)

train:         ## train the starter model again (two cores: under three hours)
	$(bootstrap) train $(passing)

eval-starter:  ## ask the starter what it was never trained on; writes its card
	$(bootstrap) eval-starter $(passing)

eval-offline:  ## the same cases with a network and without one; ends with 1 where the gate is red; ARGS="--quick"
	$(bootstrap) eval-offline $(passing)

fresh:         ## prove the set-up in a minimal Debian (root)
	$(bootstrap) fresh $(ARGS)

clean:         ## remove the .venv that set-up made
	$(bootstrap) clean $(ARGS)

pins:          ## write packaging/constraints.txt from the .venv
	$(bootstrap) pins
