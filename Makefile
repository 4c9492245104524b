# Every target is a word of ./run, which does the work; `make test ARGS="tests/core -x"` hands arguments on.
.PHONY: help setup dev test check docs goals bench soak faults pictures lock
.DEFAULT_GOAL := help
which = $(if $(TIER),--tier $(TIER)) $(if $(GOALS),--goals $(GOALS))

help: ## tell these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
setup: ## make .venv for developing, from the locks
	@./run setup
dev: ## start a server on http://127.0.0.1:3000
	@./run dev $(ARGS)
test: ## all tests, with coverage and the browser
	@./run test $(ARGS)
check: ## format, lint, types, layers, dependencies, house rules, templates, spelling
	@./run check
docs: ## print docs/reference from the code
	@./run docs
goals: ## the security goals, and what those wait for that have no test
	@./run goals $(which) $(ARGS)
bench: ## measure verifications, long lists, a migration of many keys, a scan of many files
	@./run bench $(ARGS)
soak: ## the slow tests: crashes, faults, floods; TIER=release, GOALS=G1,G9
	@./run soak $(which) $(ARGS)
faults: ## plant each fault and see that a test finds it
	@./run faults $(which) $(ARGS)
pictures: ## make the pictures of the pages in docs/pictures
	@./run pictures $(ARGS)
lock: ## choose the newest versions and write requirements/*.lock
	@./run lock
