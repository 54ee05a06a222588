# make help lists the targets.
GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: ## the demonstration on http://127.0.0.1:8080
	$(GO) run ./cmd/tongban demo

.PHONY: build
build: ## one static binary in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/tongban ./cmd/tongban

.PHONY: test
test: ## all tests; PostgreSQL and Chromium are started when they are there
	$(GO) test -timeout 30m ./...

# Above the platform only tests in which several do something at the same moment:
# the others have one goroutine, and a whole application under the detector is slow.
AT_ONCE = AtOnce|ManyClerks|TwoTabs|TwoClerks|TwoProcesses|SameKey|CalledTwice|PapersProve|Conversations|Composed|Ghosts|Appointments|CodeCountsOnce

.PHONY: race
race: ## the platform whole, and what happens at once above it, under the race detector
	$(GO) test -race -count=1 -timeout 30m ./internal/kernel/... ./internal/platform/...
	$(GO) test -race -count=1 -timeout 30m -run '$(AT_ONCE)' ./internal/identity ./internal/identity/factor ./internal/identity/organisation ./internal/catalogue ./internal/cases/... ./internal/feedback ./internal/care ./internal/budget ./internal/queue ./internal/matching ./internal/insight ./internal/api ./internal/app

.PHONY: check
check: fmt-check vet lint generate-check assets-check test race ## what CI runs

.PHONY: fmt
fmt: ## format
	$(TOOL) gofumpt -w $$(git ls-files '*.go' ':!*_templ.go')
	$(TOOL) templ fmt internal

.PHONY: fmt-check
fmt-check:
	@out=$$($(TOOL) gofumpt -l $$(git ls-files '*.go' ':!*_templ.go')); if [ -n "$$out" ]; then echo "not formatted:"; echo "$$out"; exit 1; fi

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## staticcheck
	$(TOOL) staticcheck ./...

.PHONY: generate
generate: ## pages from their .templ files
	$(TOOL) templ generate -path internal

.PHONY: generate-check
generate-check: ## generated pages agree with their sources
	@tmp=$$(mktemp -d) && cp -r internal "$$tmp/" && cp go.mod "$$tmp/" && $(TOOL) templ generate -path "$$tmp/internal" >/dev/null 2>&1 && \
	for f in $$(git ls-files '*_templ.go'); do cmp -s "$$f" "$$tmp/$$f" || { echo "$$f is not what its source gives: make generate"; bad=1; }; done; rm -rf "$$tmp"; test -z "$$bad"

.PHONY: assets
assets: ## fetch the vendored front-end files again (needs npm)
	sh tools/assets/renew.sh

.PHONY: assets-check
assets-check: ## vendored files agree with their checksums
	sh tools/assets/renew.sh --check

.PHONY: screenshots
screenshots: ## renew the pictures of the README (needs Chromium)
	TONGBAN_SCREENSHOTS=$(CURDIR)/docs/images $(GO) test -count=1 -run TestJourney ./internal/app

.PHONY: bench-cases
bench-cases: ## lists, pages, search and commands beside the bare transaction (TONGBAN_BENCH_SIZES, _DIR, _PG)
	TONGBAN_BENCH_SIZES="$${TONGBAN_BENCH_SIZES:-10000,100000}" $(GO) test -run TestBenchCases -v -count 1 -timeout 8h ./internal/app

.PHONY: bench-matching
bench-matching: ## the matching engine beside CEL, expr, OPA, SQLite, DuckDB and Polars, a module of its own; ends with a line of JSON
	cd bench/match && $(GO) run .

.PHONY: bench-search
bench-search: ## the search beside FTS5 and bleve, a module of its own (BENCH_ALL=1 for a million of each)
	cd bench/search && $(GO) test -run Quality -bench . -benchtime 3s -timeout 60m -v . | grep -E "Benchmark.*/|hit@5|^(ok|FAIL)"
