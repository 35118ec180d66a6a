#!/usr/bin/env bash
# Opens the real window under Xvfb, walks a first story and writes pictures of each state: shots.sh DIR
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
[ $# = 1 ] || die "usage: bash packaging/shots.sh DIR"
mkdir -p "$1"
OUT="$(cd "$1" && pwd)"
setup ""
command -v Xvfb >/dev/null 2>&1 || install_packages xvfb || exit 1
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
for size in 1280x800 1920x1080; do
  for scheme in light dark; do
    rm -rf "${home:?}"/*
    ATELIER_HOME="$home" QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 ${size}x24" \
      "$VENV/bin/python" "$ROOT/packaging/shots.py" "$OUT" "$scheme" "$size"
  done
done
