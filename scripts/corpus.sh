#!/usr/bin/env bash
# Fetches documents of many formats from Debian packages into DIR/real, for
# `make corpus`. What is there already is not fetched again.
set -euo pipefail
dir=$1
packages="debian-policy developers-reference gnuplot-doc r-cran-officer r-cran-readxl python3-docx python-odf-doc pandoc-data
    libpython3.11-testsuite spamassassin docx2txt"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "corpus: needs apt-get and dpkg-deb" >&2; exit 2; }
mkdir -p "$dir/debs" "$dir/real"
cd "$dir/debs"
for p in $packages; do
    [ -e "$dir/debs/$p.done" ] && continue
    rm -f "$p"_*.deb
    apt-get download -qq "$p" 2>/dev/null || { apt-get update -qq; apt-get download -qq "$p"; }
    dpkg-deb -x "$p"_*.deb "$dir/real"
    touch "$p.done"
done
mkdir -p "$dir/real/mail"
for m in "$dir"/real/usr/lib/python3*/test/test_email/data/msg_*.txt; do
    cp -p "$m" "$dir/real/mail/$(basename "$m" .txt).eml"
done
find "$dir/real/usr/share/doc" -name '*.gz' -exec gunzip -f {} +
