package cli

import (
	"strings"

	"github.com/stardrive/stardrive/internal/sdpath"
)

// shown is a name or path as it may stand on a terminal: control, bidi and
// invisible characters and bytes that are not UTF-8 are escaped (A3, A4).
func shown(name string) string { return sdpath.Display(name) }

// clean makes a line of prose safe for a terminal. Unlike shown it keeps
// backslashes: names in messages are escaped already.
func clean(text string) string {
	parts := strings.Split(text, `\`)
	for i, p := range parts {
		parts[i] = sdpath.Display(p)
	}
	return strings.Join(parts, `\`)
}

// cleanLines is clean for prose of several lines.
func cleanLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}
