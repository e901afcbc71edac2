package words

import (
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// markdown takes the text as it stands; its title is that of the front matter, or
// the first heading.
func markdown(d *doc, src media.Source) error {
	s, err := d.readText(src)
	if err != nil || s == "" {
		return err
	}
	d.facts.Title = markdownTitle(s)
	return d.add(s)
}

func markdownTitle(s string) string {
	const look = 200 // lines
	last, n := "", 0
	matter, fenced := false, false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		if n++; n > look {
			break
		}
		mark := strings.TrimRight(line, " ")
		switch {
		case n == 1 && (mark == "---" || mark == "+++"):
			matter = true
			continue
		case matter:
			if mark == "---" || mark == "+++" || mark == "..." {
				matter = false
			} else if title, ok := matterTitle(line); ok {
				return title
			}
			continue
		case strings.HasPrefix(line, "```"), strings.HasPrefix(line, "~~~"):
			fenced = !fenced
		case fenced:
		case strings.HasPrefix(line, "#"):
			if text := strings.TrimLeft(line, "#"); len(line)-len(text) <= 6 && strings.HasPrefix(text, " ") {
				return strings.Trim(strings.TrimRight(strings.TrimSpace(text), "#"), " *_`")
			}
		case last != "" && mark != "" && (strings.Trim(mark, "=") == "" || strings.Trim(mark, "-") == "" && len(mark) > 1):
			return last
		}
		last = strings.TrimSpace(line)
	}
	return ""
}

// matterTitle reads "title: X" and "title = X".
func matterTitle(line string) (string, bool) {
	for _, sep := range []string{":", "="} {
		if name, value, ok := strings.Cut(line, sep); ok && strings.TrimSpace(strings.ToLower(name)) == "title" {
			return strings.Trim(strings.TrimSpace(value), `"'`), true
		}
	}
	return "", false
}
