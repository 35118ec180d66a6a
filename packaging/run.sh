#!/usr/bin/env bash
# Sets everything up and starts Atelier: `run.sh` opens the window, `run.sh COMMAND ...` runs a command (tour, make, doctor ...).
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup ""
exec "$VENV/bin/python" -m studio "$@"
