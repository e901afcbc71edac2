#!/usr/bin/env bash
# Tells what to do when Node.js is missing or too old to build the web UI.
set -euo pipefail

want="Stardrive's web UI is built with Node.js 20.19 or newer (https://nodejs.org, or your package manager)"
command -v node >/dev/null && command -v npm >/dev/null || { echo "$want: not found" >&2; exit 1; }
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a === 20 && b >= 19 ? 0 : 1)' ||
    { echo "$want: this is $(node --version)" >&2; exit 1; }
