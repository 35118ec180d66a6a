# Sourced by run.sh, test.sh and shots.sh: own .venv with the pinned packages, Qt's system libraries. Idempotent.
# shellcheck shell=bash
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
unset PYTHONDONTWRITEBYTECODE  # without kept byte code every import takes two to three times as long

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

find_python() {
  local candidate
  for candidate in ${ATELIER_PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  die "Atelier needs Python 3.11, 3.12 or 3.13 with venv; none was found. On Debian or Ubuntu: apt-get install python3 python3-venv"
}

# Debian packages whose library is missing here ("library package" pairs on stdin of the loop).
missing_packages() {
  local known library package
  known="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" || return 0
  while read -r library package; do
    case "$known" in *"$library"*) ;; *) printf '%s ' "$package" ;; esac
  done <<'LIBRARIES'
libEGL.so.1 libegl1
libGL.so.1 libgl1
libxkbcommon.so.0 libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
libpulse.so.0 libpulse0
LIBRARIES
  [ -d /usr/share/fonts/truetype ] || printf 'fonts-dejavu '
}

install_packages() {  # install_packages NAME...: by apt when it may, else print the one command
  local as=""
  [ "$(uname -s)" = Linux ] || return 0
  if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as="env"; elif sudo -n true 2>/dev/null; then as="sudo"; fi
    if [ -n "$as" ]; then
      say "Installing system packages: $*"
      if $as apt-get update -qq >/dev/null 2>&1; $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
        return 0
      fi
    fi
    say "These system packages are missing; this command installs them:"
    say "  sudo apt-get install -y $*"
    return 1
  fi
  say "Qt needs libraries that are missing here. On Debian they are called: $*"
  return 1
}

system_libraries() {
  local missing
  [ "$(uname -s)" = Linux ] || return 0
  missing="$(missing_packages)"
  # shellcheck disable=SC2086
  [ -z "$missing" ] || install_packages $missing
}

# packages EXTRA: "" or "test". Does nothing when this pyproject.toml was installed here before.
packages() {
  local extra="$1" python want stamp="$VENV/.atelier-$1"
  want="$(cksum <"$ROOT/pyproject.toml") $ROOT"
  if [ -x "$VENV/bin/python" ]; then
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return 0
    [ -z "$extra" ] && [ "$(cat "$VENV/.atelier-test" 2>/dev/null)" = "$want" ] && return 0
  fi
  if ! "$VENV/bin/python" -c 'import sys' 2>/dev/null; then
    python="$(find_python)" || exit 1
    say "Making $VENV with $python"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" || die "The virtual environment could not be made in $VENV."
  fi
  say "Installing the packages named in pyproject.toml (once; some minutes) ..."
  "$VENV/bin/python" -m pip install -q --disable-pip-version-check -e "$ROOT${extra:+[$extra]}" >&2 ||
    die "The packages could not be installed. What pip said stands above; nothing else was changed. Run this again once it is mended."
  "$VENV/bin/python" -m compileall -q "$ROOT/studio" >&2 || true
  (cd "$ROOT" && "$VENV/bin/python" -m studio.worker kernels bfloat16${extra:+ float32}) >&2 ||
    say "The fast decode step was not compiled; the slower one is used."
  printf '%s' "$want" >"$stamp"
}

setup() {  # setup EXTRA
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$ROOT/.setup.lock" && flock 9
  fi
  system_libraries || say "Going on without them: commands that need no display work all the same."
  packages "$1"
  exec 9>&- || true
}
