# ROMASHKA sidecar. `make` alone lists what there is.

PORT  ?= 54399
DATA  ?=
FRESH ?=
SOAK  ?= 10m
PG    ?= 18
FUZZTIME ?= 30s
FIGURES ?= 100000
ROLLUPS ?=

# Go where its installers put it, for shells that do not have it in PATH.
export PATH := $(PATH):/usr/local/go/bin:/opt/homebrew/bin:$(HOME)/go/bin:$(HOME)/sdk/go/bin
GO ?= go

LINT_VERSION ?= v2.12.2
LINT         := bin/golangci-lint-$(LINT_VERSION)
GORELEASER_VERSION ?= v2.15.1
CYCLONEDX_VERSION  ?= v1.10.0
RELEASE            := cmd/romashka/release
VERSION      ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The race detector needs a C compiler; without one the tests run without it.
RACE ?= $(if $(shell command -v $$($(GO) env CC 2>/dev/null) 2>/dev/null),-race,)

.DEFAULT_GOAL := help
.PHONY: help run test test-short test-postgres test-partitioned crash fuzz vulnerabilities bench chaos pooler soak memory browser roles figures timing build fmt lint generate verify ci clean \
  cross release-dry release-check packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## everything on one machine: PostgreSQL, tables, sample data, API (PORT=n DATA=folder FRESH=1)
	@exec bin/romashka dev --port $(PORT) $(if $(DATA),--data '$(DATA)') $(if $(FRESH),--fresh)

test: ## all tests, with the PostgreSQL that they start themselves
	$(GO) test $(RACE) -timeout 14m ./...

test-short: ## all tests without the race detector
	$(GO) test ./...

test-postgres: ## all tests on another PostgreSQL, 14 to 18, fetched from npm (PG=18)
	ROMASHKA_POSTGRES_BIN="$$(.ci/postgres $(PG))" $(GO) test -timeout 20m ./...

test-partitioned: ## all that reads or writes the API log, on a log of partitions
	ROMASHKA_TEST_PARTITIONED=1 $(GO) test -timeout 20m ./internal/database/... ./internal/edge/apilog ./internal/security/... ./internal/compliance/... ./internal/analytics/kpi ./internal/app

crash: ## migrations and functions killed after each of their statements
	ROMASHKA_TEST_CRASH=full $(GO) test ./internal/database/migrator -run '^TestKilledAtEach' -count=1 -timeout 30m

fuzz: ## each fuzz target for a time (FUZZTIME=30s)
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) || exit 1; \
	  done; \
	done

vulnerabilities: ## known vulnerabilities in what is built (govulncheck)
	@.ci/vulnerabilities

bench: build ## speed beside pgbench with the same SQL, 15 minutes (BENCH=-short for 2)
	@$(GO) build -o bin/bench ./internal/proof/bench
	@bin/bench $(BENCH)

browser: build ## the real front end in Chromium, every page and button, 20 minutes (FRONTEND=its folder)
	@test -n '$(FRONTEND)' || { echo "FRONTEND: the folder of the front end, with node_modules"; exit 2; }
	@cd internal/proof/e2e/browser && npm ci --ignore-scripts --no-audit --no-fund --silent
	@FRONTEND='$(abspath $(FRONTEND))' ROMASHKA=bin/romashka node internal/proof/e2e/browser/run.mjs

chaos: build ## what clients notice when something breaks, 8 minutes (CHAOS='-only NAME', -short, -markdown)
	@$(GO) build -o bin/chaos ./internal/proof/chaos
	@bin/chaos $(CHAOS)

realtime-load: build ## delay and memory of Realtime with 1,000 and 10,000 clients, 4 minutes (LOAD='-only NAME', -triggers)
	@$(GO) build -o bin/load ./internal/proof/load
	@bin/load $(LOAD)

pooler: ## 120,000 requests by 64 clients on 1 to 5 sessions of PgBouncer, three ways, 15 minutes (PGBOUNCER=another one)
	POOLER=long PGBOUNCER='$(PGBOUNCER)' $(GO) test ./internal/app -run '^TestSharedSessions$$' -count=1 -timeout 60m -v

soak: build ## load at 70 % of the peak, with flat memory and no error (SOAK=10m)
	@$(GO) build -o bin/chaos ./internal/proof/chaos
	@bin/chaos -soak $(SOAK)

roles: ## 30 roles of a tenant against the model of the policies, in SQL and over HTTP, 5 minutes
	ROMASHKA_TEST_ROLES=full $(GO) test ./internal/database/policy -run '^TestRandomRoles$$' -count=1 -v -timeout 30m
	ROMASHKA_TEST_ROLES=full $(GO) test ./internal/proof/e2e -run '^TestClients$$/^roles$$' -count=1 -v -timeout 30m

streams: ## 1,000 open pages of each of two users for 20 seconds: one query per second, figure and set of rights
	ROMASHKA_STREAMS=1000 $(GO) test ./internal/app -run '^TestOpenPagesCostOneQueryASecond$$' -count=1 -timeout 20m -v

figures: ## how long each function of figures takes over many conversations (FIGURES=100000; a million take 10 minutes and 4 GB; ROLLUPS=1: then ten times as many in roll-ups alone)
	ROMASHKA_FIGURES=$(FIGURES) ROMASHKA_ROLLUPS=$(ROLLUPS) $(GO) test ./internal/analytics/kpi -run '^TestSpeed$$' -count=1 -v -timeout 60m

timing: ## whether refusals of second factors tell by their time what exists, 3 minutes
	ROMASHKA_TEST_TIMING=full $(GO) test ./internal/security/twofactor -run '^TestRefusalsTakeTheSameTime$$' -count=1 -v -timeout 30m

memory: ## what the worst bodies cost, at full size, in a cgroup of 512 MB
	ROMASHKA_TEST_MEMORY=full $(GO) test ./internal/proof/e2e -run 'TestBodiesCostLittle|TestStormOfBodies' -count=1 -v -timeout 30m

build: ## bin/romashka
	@test -x bin/romashka || echo "Building bin/romashka; the first time takes a minute or two ..."
	@$(GO) build -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/romashka ./cmd/romashka

cross: ## builds for each system that a release is made for
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
	  echo "$$target"; CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -o /dev/null ./cmd/romashka || exit 1; \
	done

release-dry: bin/cyclonedx-gomod ## all of a release but the image, into bin/dist; needs Node and half an hour the first time
	@PATH='$(CURDIR)/bin':"$$PATH" $(GO) run github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION) release --snapshot --clean --skip=docker
	@node $(RELEASE)/npm/build.mjs
	@node $(RELEASE)/formula/build.mjs

bin/cyclonedx-gomod:
	@GOBIN='$(CURDIR)/bin' $(GO) install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

release-check: ## each packaging file by its own linter, where that is installed
	@$(RELEASE)/check

packages: ## installs what release-dry made, as the README prints it, and tries it; as root, on Debian
	ROMASHKA_TEST_PACKAGES='$(CURDIR)/bin/dist' $(GO) test ./internal/proof/e2e -run '^TestPackages$$' -count=1 -v -timeout 20m

fmt: ## format all code
	$(GO) fmt ./...

lint: $(LINT) ## gofmt, go vet and golangci-lint
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(GO) vet ./...
	GOLANGCI_LINT_CACHE='$(CURDIR)/bin/lint-cache' $(LINT) run ./...

$(LINT):
	@echo "building golangci-lint $(LINT_VERSION), once; this takes minutes"
	@GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv bin/golangci-lint $@

generate: ## write what follows from migrations/, functions/ and sql/: reference.txt, supabase/
	$(GO) run ./internal/dev/supabasecli/generate
	$(GO) test ./internal/database/migrator -run TestReference -update

verify: ## fail when something generated is not what it is made of
	$(GO) test ./internal/database/migrator ./internal/dev/supabasecli -run 'TestReference|TestProject'

ci: ## what continuous integration runs
	.ci/run

clean: ## remove what was built; data folders stay
	rm -rf bin
