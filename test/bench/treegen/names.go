package treegen

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"time"
)

// pick returns an element; those in front come more often, as words do.
func pick(r *rand.Rand, from []string) string {
	f := r.Float64()
	return from[int(f*f*float64(len(from)))]
}

// word is mostly English, often European, sometimes of another script.
func word(r *rand.Rand) string {
	switch n := r.IntN(100); {
	case n < 62:
		return pick(r, english)
	case n < 80:
		return pick(r, accented)
	case n < 88:
		return pick(r, cyrillic)
	case n < 91:
		return pick(r, greek)
	case n < 97:
		return pick(r, cjk)
	case n < 99:
		return pick(r, arabic)
	default:
		return pick(r, emoji)
	}
}

func title(s string) string {
	if s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-32) + s[1:]
	}
	return s
}

func words(r *rand.Rand, n int, sep string) string {
	w := make([]string, n)
	for i := range w {
		w[i] = word(r)
	}
	return strings.Join(w, sep)
}

func when(r *rand.Rand) time.Time { return time.Unix(0, pastTime(r)).UTC() }

func shortName(r *rand.Rand) string { return pick(r, english) }

func photoName(r *rand.Rand) string {
	switch n := r.IntN(20); {
	case n < 8:
		return fmt.Sprintf("IMG_%04d.JPG", r.IntN(10000))
	case n < 11:
		return fmt.Sprintf("DSC_%04d.NEF", r.IntN(10000))
	case n < 14:
		return "PXL_" + when(r).Format("20060102_150405") + fmt.Sprintf("%03d.jpg", r.IntN(1000))
	case n < 16:
		return "VID_" + when(r).Format("20060102_150405") + ".mp4"
	case n < 17:
		return when(r).Format("Screenshot 2006-01-02 at 15.04.05.png")
	case n < 18:
		return fmt.Sprintf("WhatsApp Image %s.jpeg", when(r).Format("2006-01-02 at 15.04.05"))
	case n < 19:
		return fmt.Sprintf("%s %d.heic", words(r, 2, " "), r.IntN(100))
	default:
		return fmt.Sprintf("IMG_E%04d.AAE", r.IntN(10000))
	}
}

func eventName(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return when(r).Format("2006-01")
	}
	return when(r).Format("2006-01-02 ") + words(r, 1+r.IntN(2), " ")
}

func documentName(r *rand.Rand) string {
	ext := pick(r, docExts)
	switch r.IntN(6) {
	case 0:
		return title(words(r, 2, "_")) + when(r).Format("_2006-01-02") + ext
	case 1:
		return title(words(r, 2+r.IntN(3), " ")) + fmt.Sprintf(" %d", 2003+r.IntN(23)) + ext
	case 2:
		return title(words(r, 2, " ")) + fmt.Sprintf(" v%d", 1+r.IntN(9)) + ext
	case 3:
		return words(r, 2+r.IntN(2), "-") + ext
	default:
		return title(words(r, 2+r.IntN(4), " ")) + ext
	}
}

func topicName(r *rand.Rand) string { return title(words(r, 1+r.IntN(2), " ")) }

func codeName(r *rand.Rand) string {
	ext := pick(r, codeExts)
	switch n := r.IntN(12); {
	case n == 0:
		return pick(r, codeFixed)
	case n == 1:
		return fmt.Sprintf("%016x%016x%06x", r.Uint64(), r.Uint64(), r.IntN(1<<24))
	case n < 5:
		return pick(r, english) + title(pick(r, english)) + ext
	case n < 8:
		return pick(r, english) + "_" + pick(r, english) + ext
	case n < 9:
		return pick(r, english) + "_test" + ext
	default:
		return pick(r, english) + "-" + pick(r, english) + "." + pick(r, english) + ext
	}
}

func codeFolder(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return pick(r, codeFolders)
	}
	return pick(r, english)
}

func trackName(r *rand.Rand) string {
	return fmt.Sprintf("%02d - %s%s", 1+r.IntN(18), title(words(r, 2+r.IntN(3), " ")), pick(r, musicExts))
}

func mixedName(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0:
		return photoName(r)
	case 1:
		return codeName(r)
	case 2:
		return trackName(r)
	default:
		return documentName(r)
	}
}

func sentence(r *rand.Rand) string { return words(r, 5+r.IntN(40), " ") + "\n" }

// numbered is how file managers make a name differ: "name (2).ext".
func numbered(name string, n int) string {
	ext := path.Ext(name)
	return fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
}

// Words lists the ASCII words of the vocabulary with so many letters, the
// frequent ones first: what a search would be typed for.
func Words(letters int) []string {
	var out []string
	for _, w := range english {
		if len(w) == letters {
			out = append(out, w)
		}
	}
	return out
}
