# Recipes for people who work on Candor; `just` lists them. CI runs .ci/run, which needs no just.

default:
    @just --list

# a company with sites, purposes and customers on this machine
demo:
    uv run candor demo

# all tests on two workers; `just test tests/consent` for one room
test *where:
    uv run pytest -n 2 {{where}}

# every lint, in the order of speed
lint:
    uv run ruff check
    uv run ruff format --check
    uv run lint-imports
    uv run pytest -q tests/rules
    uv run deptry .
    uv run mypy

# repair what a tool can repair
fix:
    uv run ruff check --fix
    uv run ruff format

# the long acceptance profile: thousands of histories, process kills
full:
    uv run pytest -n 2 -m full

# the figures of docs/performance.md, one process at a time
speed:
    uv run pytest -p no:randomly -s -m speed tests/speed

# write the generated documents again: docs/settings.md and openapi.json
generated:
    uv run python -m tests.rules.generated
