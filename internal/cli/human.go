package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// humanSize prints bytes in the units shops sell disks in: "1.2 MB".
func humanSize(n int64) string {
	if n < 0 {
		return "-" + humanSize(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		f /= 1000
		if f < 9.95 {
			return fmt.Sprintf("%.1f %s", f, unit)
		}
		if f < 999.5 {
			return fmt.Sprintf("%.0f %s", f, unit)
		}
	}
	return fmt.Sprintf("%.0f EB", f)
}

// humanCount groups the digits of n: "1,234,567".
func humanCount(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// humanTime prints t in the user's zone; the zero time is "".
func humanTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// humanSeconds prints a span: "7 ms", "0.4 s", "12 s", "3 min 05 s", "2 h 10 min", "4 d 3 h".
func humanSeconds(sec float64) string {
	switch whole := int64(sec + 0.5); {
	case sec < 0:
		return ""
	case sec > 0 && sec < 0.0995:
		return fmt.Sprintf("%d ms", max(1, int64(sec*1000+0.5)))
	case sec < 9.95:
		return fmt.Sprintf("%.1f s", sec)
	case whole < 60:
		return fmt.Sprintf("%d s", whole)
	case whole < 3600:
		return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
	case whole < 86400:
		return fmt.Sprintf("%d h %02d min", whole/3600, whole%3600/60)
	default:
		return fmt.Sprintf("%d d %d h", whole/86400, whole%86400/3600)
	}
}

// plural is "1 file", "2 files".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanCount(n) + " " + many
}
