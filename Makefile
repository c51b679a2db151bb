# viva: `make run` starts the product, `make test` passes every test, `make deploy ENV=dev` brings it to AWS; each sets up what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Node.js of the virtual environment, where the machine's own is missing or too old.
export PATH := $(CURDIR)/target/node-venv/bin:$(PATH)
CARGO_TEST := $(shell command -v cargo-nextest >/dev/null 2>&1 && echo "cargo nextest run" || echo "cargo test")

.PHONY: help
help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.PHONY: setup-run setup-test
setup-run:
	@scripts/setup.sh run
setup-test:
	@scripts/setup.sh test

.PHONY: run
run: setup-run ## Build and start the product on 127.0.0.1:8080 (VIVA_ADDR)
	cargo build --release --bin viva
	target/release/viva serve

.PHONY: check
check: format lint docs unit ## Format, lints, docs, unit tests: a minute or two when warm

.PHONY: format
format:
	cargo fmt --all --check

.PHONY: lint
lint:
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo clippy --package viva --lib --no-default-features -- -D warnings
	cargo clippy --package viva --lib --bins --no-default-features --features cloud -- -D warnings

.PHONY: lint-template
lint-template: setup-test ## template.yaml: cfn-lint, sam validate, checkov, agents against drift
	scripts/agents.py
	target/venv/bin/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 target/venv-sam/bin/sam validate --lint --template-file template.yaml --region us-east-1
	target/venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: docs
docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features --document-private-items

.PHONY: unit
unit:
	$(CARGO_TEST) --workspace --lib --bins --all-features

.PHONY: test
test: setup-test format lint lint-template docs test-web test-rust test-rest test-browser ## Pass every test

.PHONY: test-rust
test-rust: ## Every Rust test: unit, contract, simulation, gateway, speech, functions on an emulator of AWS
	$(CARGO_TEST) --workspace --all-features --no-run
	scripts/build-lambdas.sh --built
	$(CARGO_TEST) --workspace --all-features --no-fail-fast

.PHONY: test-rest
test-rest: ## The REST API of the real server against its OpenAPI document
	cargo build --bin viva
	scripts/test-rest.sh

.PHONY: web-packages
web-packages:
	@[ web/node_modules/.package-lock.json -nt web/package-lock.json ] || npm --prefix web ci
	@[ protocol/asyncapi/node_modules/.package-lock.json -nt protocol/asyncapi/package-lock.json ] || npm --prefix protocol/asyncapi ci

.PHONY: test-web
test-web: web-packages ## Types, lints and tests of the page; its bundle and the AsyncAPI document against drift
	npm --prefix web run check
	npm --prefix web test
	npm --prefix web run check-drift
	npm --prefix protocol/asyncapi run validate

.PHONY: test-browser
test-browser: web-packages ## The page in a real Chromium against the real server
	cargo build --bin viva
	VIVA_BIN=$(CURDIR)/target/debug/viva npm --prefix web run browser

.PHONY: generate
generate: web-packages ## Write the generated artefacts anew: schema, AsyncAPI, TypeScript, OpenAPI, the page's bundle
	cargo run --package protocol --features schema --bin protocol-schema -- --write
	cargo run --quiet --all-features -- openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json
	npm --prefix web run build

.PHONY: speech
speech: setup-test ## Synthesise the spoken answers anew
	loadtest/speech/make.sh

.PHONY: build
build: ## Build the functions for AWS into target/lambda (ARCHITECTURE=arm64)
	scripts/build-lambdas.sh

.PHONY: deploy
deploy: ## Deploy to AWS: make deploy ENV=dev (docs/DEPLOY.md)
	@scripts/deploy.sh $(or $(ENV),$(error which environment? make deploy ENV=dev))

.PHONY: remove
remove: ## Remove the stack from AWS: make remove ENV=dev
	@scripts/deploy.sh remove $(or $(ENV),$(error which environment? make remove ENV=dev))

.PHONY: audit
audit: ## Licences, advisories, unused dependencies
	command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	command -v cargo-machete >/dev/null || cargo install --locked cargo-machete
	cargo deny check
	cargo machete
