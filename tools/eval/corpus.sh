#!/bin/sh
# Makes the corpus of the evaluation: the manual pages of the Debian packages in
# corpus.txt, as plain text, one file a page, in the folder that is given.
#
#	sh tools/eval/corpus.sh /tmp/corpus
#
# It needs a Debian 12 with apt-get, dpkg-deb and groff, and takes some minutes.
# Where a package is served in a newer version only, that one is taken, and said.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: corpus.sh FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

grep -v '^#' "$here/corpus.txt" | while read -r package; do
	name=${package%%=*}
	if ! apt-get -qq download "$package" 2>/dev/null; then
		echo "$package is not served any more: taking what there is" >&2
		apt-get -qq download "$name"
	fi
	dpkg-deb -x ./*.deb tree
	rm -f ./*.deb
	[ ! -d tree/usr/share/man ] || (cd tree/usr/share/man && find man[1-8] -type f -name '*.gz') | while read -r page; do
		to="$out/$name/$(basename "$page" .gz).txt"
		zcat "tree/usr/share/man/$page" > page
		if grep -q '^\.so ' page; then
			continue # an alias of another page
		fi
		mkdir -p "$out/$name"
		preconv -e utf-8 page 2>/dev/null | groff -t -mandoc -Tutf8 -P-cbou -rLL=100n -rHY=0 2>/dev/null > "$to"
	done
	rm -rf tree
done
find "$out" -type f -size -200c -delete # what could not be rendered
echo "$(find "$out" -type f | wc -l) pages"
