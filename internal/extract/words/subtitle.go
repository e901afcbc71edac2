package words

import (
	"regexp"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// subtitles reads SubRip and WebVTT: what is said, without times and numbers.
func subtitles(d *doc, src media.Source) error {
	s, err := d.readText(src)
	if err != nil {
		return err
	}
	const arrow = "-->"
	marks := regexp.MustCompile(`<[^<>]{0,80}>|\{\\[^{}]{0,80}\}`)
	spoken := false // below a time, up to the empty line
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		switch {
		case strings.Contains(line, arrow), timePair(line):
			spoken = true
		case line == "":
			spoken = false
		case spoken:
			if err := d.add(strings.TrimSpace(marks.ReplaceAllString(line, "")) + "\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

// timePair knows the times of SubViewer: 0:00:01.000,0:00:02.500.
func timePair(line string) bool {
	from, to, ok := strings.Cut(line, ",")
	return ok && strings.Count(from, ":") == 2 && strings.Count(to, ":") == 2 && strings.Trim(from+to, "0123456789:.") == ""
}

// substation reads ASS and SSA: the last field of each line of dialogue.
func substation(d *doc, src media.Source) error {
	s, err := d.readText(src)
	if err != nil {
		return err
	}
	marks := regexp.MustCompile(`\{[^{}]{0,200}\}`)
	breaks := strings.NewReplacer(`\N`, "\n", `\n`, "\n", `\h`, " ")
	for line := range strings.Lines(s) {
		if title, ok := strings.CutPrefix(line, "Title:"); ok && d.facts.Title == "" {
			d.facts.Title = strings.TrimSpace(title)
		}
		said, ok := strings.CutPrefix(line, "Dialogue:")
		if !ok {
			continue
		}
		fields := strings.SplitN(said, ",", 10)
		if len(fields) < 10 {
			continue
		}
		if err := d.add(breaks.Replace(marks.ReplaceAllString(strings.TrimSpace(fields[9]), "")) + "\n"); err != nil {
			return err
		}
	}
	return nil
}
