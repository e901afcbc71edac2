# Stardrive. `make help` lists what there is; `make run` is the way to see it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
DIR ?= $(HOME)
GO ?= go
NICE ?=
LDFLAGS := -s -w -X main.version=$(VERSION)
GOTEST_TIMEOUT ?= 10m
PACKAGES := ./cmd/... ./internal/... ./test/... ./tools/... # not ./...: npm packages hold Go files too
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# The race detector needs a C compiler; the program itself never does. It does not
# look into SQLite, which is machine-made Go with locks of its own: that would take
# far longer. Only there: a package that it does not look into must hold no generic
# function that others hold as well, such as those of sync.Map, since one copy serves all.
RACE := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo "-race '-gcflags=modernc.org/sqlite/lib=-race=false'")

LINT_VERSION := v2.15.0
LINT := bin/tools/golangci-lint-$(LINT_VERSION)

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/e2e -prune -o -type f -print 2>/dev/null)
WEB_MODULES := web/node_modules/.package-lock.json
WEB_DIST := internal/webui/dist/index.html
GO_BUILD := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'

##@ Use
.PHONY: help run build web clean
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  DIR=%s (make run), VERSION=%s\n' '$(DIR)' '$(VERSION)'

run: build ## Build everything, index DIR (default: your home) and open the web UI; Ctrl-C stops
	exec bin/stardrive serve --index "$(DIR)" --open

build: web ## Build bin/stardrive with the web UI inside
	$(GO_BUILD) -o bin/ ./cmd/stardrive

web: $(WEB_DIST) ## Build the web UI into internal/webui/dist

clean: ## Remove what was built (not your data)
	rm -rf bin tmp web/dist web/node_modules
	find internal/webui/dist -mindepth 1 ! -name .gitignore -delete 2>/dev/null || true

$(WEB_DIST): $(WEB_MODULES) $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

$(WEB_MODULES): web/package.json web/package-lock.json
	@scripts/node.sh
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

##@ Test
.PHONY: test test-go test-web e2e bench-ui shots soak corpus bench bench-duplicates bench-peers bench-actions
test: test-go test-web e2e ## Run all tests: Go with the race detector, web units, a real browser

PROGRAMS ?= 500
test-go: ## Run the Go tests, and PROGRAMS random programs without the race detector, which slows the database
	@[ -n "$(RACE)" ] || { echo "no C compiler: the race detector is off"; [ -z "$${CI:-}" ]; }
	$(NICE) $(GO) test $(RACE) -timeout $(GOTEST_TIMEOUT) $(PACKAGES)
	$(NICE) $(GO) test -timeout $(GOTEST_TIMEOUT) ./internal/index ./internal/catalog -run Promise_P13 -rapid.checks=$(PROGRAMS)
	$(NICE) $(GO) test -timeout $(GOTEST_TIMEOUT) ./internal/fileops -run Promise_\|Fault_ -rapid.checks=$(PROGRAMS)

test-web: $(WEB_MODULES) ## Run the unit tests of the web UI
	cd web && npm test --silent

e2e: build ## Drive the web UI in a real browser (installs chromium if it may)
	@if chromium=$$(scripts/chromium.sh); then \
		cd web && CHROMIUM="$$chromium" STARDRIVE_BIN="$(CURDIR)/bin/stardrive" npm run --silent e2e; \
	elif [ -n "$${CI:-}" ]; then \
		echo "e2e: no chromium, and CI must not skip this" >&2; exit 1; \
	else \
		echo "e2e: SKIPPED, no chromium (install it, or set CHROMIUM to its path)" >&2; \
	fi

bench: build ## Measure against the budgets (BENCH_N entries, default 1000000; BENCH_DIR, BENCH_FLAGS)
	$(GO) run ./test/bench/cmd/bench -bin bin/stardrive $(if $(BENCH_N),-n $(BENCH_N)) $(if $(BENCH_DIR),-dir "$(BENCH_DIR)") $(BENCH_FLAGS)

bench-peers: build ## Compare with plocate, fd, ripgrep and recoll on the same files (PEERS_FLAGS; what is not installed is left out)
	$(GO) run ./test/bench/cmd/peers -bin bin/stardrive $(PEERS_FLAGS)

CORPUS ?= $(CURDIR)/tmp/corpus
corpus: ## Find known sentences in real documents of Debian packages, and survive broken and hostile ones (CORPUS: where they are kept)
	scripts/corpus.sh "$(CORPUS)"
	CORPUS="$(CORPUS)" $(GO) test -count=1 -v -timeout 30m ./test/corpus

bench-actions: ## Compare copying with cp and rsync: one large file, many small ones, a tree that is in use (ACTIONS_FLAGS; what is not installed is left out)
	$(GO) run ./test/bench/cmd/actions $(ACTIONS_FLAGS)

bench-duplicates: build ## Compare duplicates with jdupes, rdfind and rmlint, hashing with b3sum, on the same tree (DUPS_FLAGS; what is not installed is left out)
	$(GO) run ./test/bench/cmd/dups -bin bin/stardrive $(DUPS_FLAGS)

bench-ui: build ## Measure the web UI in a real browser: first paint, a large folder, scrolling, memory (UI_ROWS, UI_SECONDS)
	CHROMIUM="$$(scripts/chromium.sh)" STARDRIVE_BIN="$(CURDIR)/bin/stardrive" node test/e2e/bench-ui.mjs

shots: build ## Take the pictures of the main pages in docs/img, dark and light, wide and narrow, in a real browser
	CHROMIUM="$$(scripts/chromium.sh)" STARDRIVE_BIN="$(CURDIR)/bin/stardrive" node test/e2e/shots.mjs docs/img

soak: ## Kill the daemon over and over while it indexes a large tree (SOAK_N, SOAK_KILLS); storms of changes; take the power from disks (SOAK_CUTS); disturb plans (SOAK_PLANS), cut them off at each change and while that is put right, fail each change with each errno
	SOAK_N=$(or $(SOAK_N),400000) SOAK_KILLS=$(or $(SOAK_KILLS),100) $(GO) test -count=1 -v -timeout 60m ./test/soak ./test/watch
	SOAK_CUTS=$(or $(SOAK_CUTS),2000) $(GO) test -count=1 -v -timeout 60m ./test/powercut
	SOAK_PLANS=$(or $(SOAK_PLANS),10000) $(GO) test -count=1 -timeout 120m ./internal/fileops -run Promise_\|Fault_ -rapid.checks=$(or $(SOAK_PROGRAMS),5000)

##@ Check
.PHONY: check fmt vet lint arch gen gen-check tidy-check cross web-check
check: fmt vet lint arch gen-check tidy-check cross web-check ## Format, vet, lint, floors, generated files, all platforms, web

fmt: ## List files that gofmt would change
	@out=$$(gofmt -l cmd internal test tools); [ -z "$$out" ] || { echo "not gofmt-ed:"; echo "$$out"; exit 1; }

vet:
	$(GO) vet $(PACKAGES)

lint: $(LINT) ## Run golangci-lint (built once into bin/tools)
	$(LINT) run $(PACKAGES)

$(LINT):
	@mkdir -p bin/tools
	GOBIN=$(CURDIR)/bin/tools GOFLAGS=-mod=mod $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv bin/tools/golangci-lint $@

arch: ## Hold the floors (internal/archtest)
	$(GO) test ./internal/archtest

gen: ## Write the generated files again: TypeScript client, openapi.json, CLI reference
	$(GO) run ./cmd/stardrive-gen

gen-check:
	$(GO) run ./cmd/stardrive-gen -check

tidy-check:
	$(GO) mod tidy -diff

cross: ## Build for every platform, without cgo
	@for p in $(PLATFORMS); do \
		echo "build $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/... ; \
	done

web-check: $(WEB_MODULES) ## Types, lint and units of the web UI
	cd web && npm run --silent check
