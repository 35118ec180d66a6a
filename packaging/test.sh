#!/usr/bin/env bash
# Sets everything up, then lint, types, import contracts and all tests. Arguments go to pytest.
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup "test"
cd "$ROOT"
export QT_QPA_PLATFORM=offscreen
export ATELIER_WHOLE_CORPUS="${ATELIER_WHOLE_CORPUS-1}"  # every file of music to tokens and back: 40 s of one core
BIN="$VENV/bin"
"$BIN/ruff" check .
"$BIN/ruff" format --check .
"$BIN/mypy"
"$BIN/lint-imports" --no-logo
"$BIN/python" -m pytest -n auto --dist loadfile --hypothesis-profile=landing "$@"
