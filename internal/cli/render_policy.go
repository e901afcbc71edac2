package cli

import (
	"fmt"
	"strings"
)

// coverage tells how folders are watched.
type coverage struct {
	Folders     int64    `json:"folders"`
	Watched     int64    `json:"watched"`
	How         []string `json:"how"`
	RescanEvery int64    `json:"rescan_every"`
}

// words says it for people: what is not watched is not watched.
func (c coverage) words() string {
	again := "looked at again every " + interval(c.RescanEvery)
	if c.RescanEvery == 0 {
		again = "looked at again only when asked"
	}
	if c.Watched == 0 {
		return "no folder live; " + again
	}
	how := ""
	if len(c.How) > 0 {
		how = " (" + clean(strings.Join(c.How, ", ")) + ")"
	}
	return fmt.Sprintf("%s of %s live%s; %s", humanCount(c.Watched), plural(c.Folders, "folder", "folders"), how, again)
}

// interval is a span of whole minutes in words that follow "every".
func interval(sec int64) string {
	for _, u := range []struct {
		seconds   int64
		one, many string
	}{{86400, "day", "days"}, {3600, "hour", "hours"}, {60, "minute", "minutes"}} {
		if n := sec / u.seconds; n == 1 && sec%u.seconds == 0 {
			return u.one
		} else if sec%u.seconds == 0 {
			return humanCount(n) + " " + u.many
		}
	}
	return humanSeconds(float64(sec))
}

// policy says what of the location's policy is not as usual.
func (l locationState) policy() string {
	var words []string
	if s := l.Policy.Schedule; s != "" && s != "auto" {
		words = append(words, "schedule "+clean(s))
	}
	for _, p := range [][2]string{
		{l.Policy.Watch, "not watched"}, {l.Policy.Priority, "low priority"}, {l.Policy.OnBattery, "paused on battery"},
	} {
		if p[0] == "off" || p[0] == "low" || p[0] == "pause" {
			words = append(words, p[1])
		}
	}
	return strings.Join(words, ", ")
}
