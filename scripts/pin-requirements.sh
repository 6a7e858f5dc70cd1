#!/usr/bin/env bash
# Resolves the dependencies of pyproject.toml anew and pins them with hashes, for every platform at once.
# The files name no package index: whoever installs them uses their own.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check uv

pin() {
    "$tools/bin/uv" pip compile --universal --generate-hashes --no-header --no-annotate --upgrade --quiet "$@"
}
pin pyproject.toml -o requirements/runtime.txt
pin pyproject.toml --group dev -o requirements/dev.txt
echo "wrote requirements/runtime.txt and requirements/dev.txt"
