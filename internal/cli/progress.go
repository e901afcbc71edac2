package cli

import (
	"fmt"
	"strings"
	"time"
)

// progress shows one job's progress on stderr: a bar that is redrawn on a
// terminal, plain lines at most every second elsewhere, nothing with --quiet
// or --json. The zero progress shows nothing.
type progress struct {
	s     *shell
	live  bool // redraw one line
	drawn bool
	last  time.Time
	said  string
}

func (s *shell) newProgress() *progress {
	p := &progress{live: s.screen.err && s.deps.Env("TERM") != "dumb"}
	if !s.quiet && !s.json {
		p.s = s
	}
	return p
}

// show tells how far j is.
func (p *progress) show(j jobState) {
	if p.s == nil {
		return
	}
	if p.live {
		fmt.Fprint(p.s.stderr, "\r\x1b[K"+barLine(j, p.s.screen.width()-1))
		p.drawn = true
		return
	}
	if line := plainLine(j); line != p.said && time.Since(p.last) >= time.Second {
		p.last, p.said = time.Now(), line
		fmt.Fprintln(p.s.stderr, line)
	}
}

// end tells how it ended, on a line that stays.
func (p *progress) end(j jobState) {
	p.close()
	if p.s == nil || j.State != "done" {
		return
	}
	line := fmt.Sprintf("%s: %s in %s", jobTitle(j), amounts(j), humanSeconds(j.Seconds))
	if j.Warnings > 0 {
		line += fmt.Sprintf(", %s (stardrive job warnings %s)", plural(j.Warnings, "warning", "warnings"), j.ID)
	}
	fmt.Fprintln(p.s.stderr, clean(line))
}

// close takes the bar off the terminal.
func (p *progress) close() {
	if p.drawn {
		fmt.Fprint(p.s.stderr, "\r\x1b[K")
		p.drawn = false
	}
}

// barLine is the redrawn line, at most width cells.
func barLine(j jobState, width int) string {
	head := clip(clean(jobTitle(j)), max(10, width/3))
	if j.State != "running" {
		return clip(head+"  "+word(j.State), width)
	}
	if j.Total > 0 {
		const cells = 20
		full := int(float64(cells) * float64(min(j.Done, j.Total)) / float64(j.Total))
		head += fmt.Sprintf("  %s%s %3d %%", strings.Repeat("█", full), strings.Repeat("░", cells-full), percent(j))
	}
	head += "  " + amounts(j)
	if j.Rate >= 1 {
		head += fmt.Sprintf("  %s/s", humanCount(int64(j.Rate)))
	}
	if j.ETA > 0 {
		head += "  " + humanSeconds(j.ETA) + " left"
	}
	if j.Current != "" && columns(head)+6 < width {
		head += "  " + shown(j.Current)
	}
	return clip(head, width)
}

// plainLine is one line of a log.
func plainLine(j jobState) string {
	line := jobTitle(j) + ": "
	if j.State != "running" {
		return clean(line + word(j.State))
	}
	if j.Total > 0 {
		line += fmt.Sprintf("%d %%, ", percent(j))
	}
	return clean(line + amounts(j))
}

func percent(j jobState) int64 { return int64(100 * float64(min(j.Done, j.Total)) / float64(j.Total)) }

// amounts is "1,234 of 5,000 items, 2.1 GB".
func amounts(j jobState) string {
	text := plural(j.Done, "item", "items")
	if j.Total > 0 && !j.ended() {
		text = humanCount(j.Done) + " of " + plural(j.Total, "item", "items")
	}
	if j.Bytes > 0 {
		text += ", " + humanSize(j.Bytes)
	}
	return text
}

func jobTitle(j jobState) string {
	if j.Title != "" {
		return j.Title
	}
	return word(j.Kind)
}

// word makes a wire code readable: "char_device" is "char device".
func word(code string) string { return strings.ReplaceAll(code, "_", " ") }
