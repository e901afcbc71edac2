package words

import (
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// cards reads calendars and address books: the values of what people read.
func cards(d *doc, src media.Source) error {
	s, err := d.readText(src)
	if err != nil {
		return err
	}
	plain := strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`)
	for line := range unfolded(s) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name, params, _ := strings.Cut(strings.ToUpper(name), ";")
		if _, rest, grouped := strings.Cut(name, "."); grouped {
			name = rest
		}
		if strings.Contains(params, "QUOTED-PRINTABLE") {
			if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
				value = decodeAny(string(b))
			}
		}
		switch name {
		case "SUMMARY", "FN", "X-WR-CALNAME":
			if d.facts.Title == "" || name == "X-WR-CALNAME" {
				d.facts.Title = plain.Replace(value)
			}
		case "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES", "ORGANIZER", "ATTENDEE", "NICKNAME", "ORG", "TITLE", "ROLE", "NOTE", "EMAIL", "TEL", "ADR", "URL", "CONTACT":
		case "BEGIN":
			if kind := strings.ToUpper(strings.TrimSpace(value)); kind == "VEVENT" || kind == "VCARD" || kind == "VTODO" || kind == "VJOURNAL" {
				d.facts.Members++
			}
			continue
		default:
			continue
		}
		if err := d.add(strings.Trim(plain.Replace(value), "; \t\r") + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// unfolded joins lines that go on with a space, or after a "=" of quoted text.
func unfolded(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var now strings.Builder
		for line := range strings.Lines(s) {
			line = strings.TrimRight(line, "\r\n")
			switch {
			case line != "" && (line[0] == ' ' || line[0] == '\t'):
				now.WriteString(line[1:])
				continue
			case strings.HasSuffix(now.String(), "=") && strings.Contains(now.String(), "QUOTED-PRINTABLE"):
				now.WriteString("\r\n" + line)
				continue
			}
			if now.Len() > 0 && !yield(now.String()) {
				return
			}
			now.Reset()
			now.WriteString(line)
		}
		if now.Len() > 0 {
			yield(now.String())
		}
	}
}
