package search

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseSize reads a size or a range of sizes: "10mb", ">1.5g", "1mb..2gb",
// "large". Units are powers of 1000, as sizes are shown, or of 1024: "10mib". from
// and to are both inside.
func parseSize(text string) (from, to int64, ok bool) {
	text = strings.ToLower(text)
	below := int64(-1)
	for _, c := range sizeClasses {
		if c.name == text {
			return below + 1, c.upTo, true
		}
		below = c.upTo
	}
	return parseRange(text, bytesOf)
}

// operator cuts a comparison off the front of a value.
func operator(text string) (op, rest string) {
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if rest, ok := strings.CutPrefix(text, op); ok {
			return op, rest
		}
	}
	return "", text
}

func bytesOf(text string) (int64, bool) {
	i := len(text)
	for i > 0 && (text[i-1] < '0' || text[i-1] > '9') && text[i-1] != '.' {
		i--
	}
	unit, factor := text[i:], 1.0
	if unit != "" && unit != "b" {
		step := 1000.0
		unit = strings.TrimSuffix(unit, "b")
		if binary, ok := strings.CutSuffix(unit, "i"); ok {
			unit, step = binary, 1024
		}
		power := strings.Index("kmgtp", unit)
		if len(unit) != 1 || power < 0 {
			return 0, false
		}
		factor = math.Pow(step, float64(power+1))
	}
	n, err := strconv.ParseFloat(text[:i], 64)
	if err != nil || strings.Trim(text[:i], "0123456789.") != "" {
		return 0, false
	}
	if n *= factor; n >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return int64(n), true
}

// parseWhen reads a time or a range of times as seen at now: "2024", "2024-03",
// "2024-03-05", "today", "last week", "2023..2024-06", ">2024-01-01", and ages:
// "<30d" is younger than 30 days, ">1y" older than a year. The moments are
// nanoseconds since 1970; from is inside, to is not.
func parseWhen(text string, now time.Time) (from, to int64, ok bool) {
	text = strings.ToLower(text)
	if a, b, ranged := strings.Cut(text, ".."); ranged {
		from, _, ok1 := period(a, now)
		_, to, ok2 := period(b, now)
		return nanos(from), nanos(to), ok1 && ok2
	}
	op, rest := operator(text)
	if since, ok := age(rest, now); ok {
		if strings.HasPrefix(op, ">") {
			return math.MinInt64, nanos(since), true
		}
		return nanos(since), math.MaxInt64, true
	}
	begin, end, ok := period(rest, now)
	from, to = nanos(begin), nanos(end)
	switch op {
	case ">":
		return to, math.MaxInt64, ok
	case ">=":
		return from, math.MaxInt64, ok
	case "<":
		return math.MinInt64, from, ok
	case "<=":
		return math.MinInt64, to, ok
	}
	return from, to, ok
}

// nanos is t since 1970, as near as 64 bits can tell.
func nanos(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1678:
		return math.MinInt64
	case y > lastYear:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// age is the moment some time before now: "30d", "2w", "12h".
func age(text string, now time.Time) (time.Time, bool) {
	i := 0
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	n, err := strconv.Atoi(text[:i])
	if err != nil || n > 100_000 {
		return now, false
	}
	switch text[i:] {
	case "min":
		return now.Add(-time.Duration(n) * time.Minute), true
	case "h":
		return now.Add(-time.Duration(n) * time.Hour), true
	case "d":
		return now.AddDate(0, 0, -n), true
	case "w":
		return now.AddDate(0, 0, -7*n), true
	case "m", "mo":
		return now.AddDate(0, -n, 0), true
	case "y":
		return now.AddDate(-n, 0, 0), true
	}
	return now, false
}

// period is a day, month, year or week: its first moment and the first after it.
func period(text string, now time.Time) (from, to time.Time, ok bool) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	month, year := day.AddDate(0, 0, 1-day.Day()), time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location())
	switch strings.NewReplacer(" ", "", "-", "", "_", "").Replace(text) {
	case "today":
		return day, day.AddDate(0, 0, 1), true
	case "yesterday":
		return day.AddDate(0, 0, -1), day, true
	case "thisweek":
		return monday, monday.AddDate(0, 0, 7), true
	case "lastweek":
		return monday.AddDate(0, 0, -7), monday, true
	case "thismonth":
		return month, month.AddDate(0, 1, 0), true
	case "lastmonth":
		return month.AddDate(0, -1, 0), month, true
	case "thisyear":
		return year, year.AddDate(1, 0, 0), true
	case "lastyear":
		return year.AddDate(-1, 0, 0), year, true
	}
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-1", 0, 1, 0}, {"2006-1-2", 0, 0, 1}} {
		if t, err := time.ParseInLocation(form.layout, text, now.Location()); err == nil {
			return t, t.AddDate(form.years, form.months, form.days), true
		}
	}
	return now, now, false
}
