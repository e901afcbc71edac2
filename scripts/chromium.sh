#!/usr/bin/env bash
# Prints the path of a Chromium, installing Debian's one if there is none and
# this is root on such a system. Exits 1 if none can be had.
set -euo pipefail

find_one() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

find_one && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    {
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium
    } >&2
fi
find_one
