package treegen

import (
	"math"
	"math/rand/v2"
	"time"
)

// A theme says how folders of one sort look. Means are of skewed
// distributions: most folders are small, a few are large.
type theme struct {
	leaf    int     // below this budget a folder holds files only
	depth   int     // from this depth on too
	files   float64 // files beside subfolders
	folders float64 // subfolders
	names   func(*rand.Rand) string
	subs    func(*rand.Rand) string
	next    string // theme of the subfolders, "" for the same
}

func themes(name string) theme {
	switch name {
	case "photos":
		return theme{leaf: 180, depth: 7, files: 12, folders: 9, names: photoName, subs: eventName}
	case "documents":
		return theme{leaf: 14, depth: 12, files: 7, folders: 5, names: documentName, subs: topicName}
	case "code":
		return theme{leaf: 14, depth: 16, files: 7, folders: 5, names: codeName, subs: codeFolder}
	case "music":
		return theme{leaf: 16, depth: 5, files: 2, folders: 12, names: trackName, subs: topicName}
	case "chain": // one folder in another, down to where paths get long
		return theme{leaf: 2, depth: 40, files: 1, folders: 1, names: documentName, subs: shortName}
	case "flat":
		return theme{leaf: math.MaxInt, names: mixedName}
	}
	return theme{leaf: 24, depth: 10, files: 15, folders: 6, names: mixedName, subs: topicName}
}

// roots are the folders at the top: share of the entries, or flat ones of a
// share but no more than limit entries.
var roots = []struct {
	name, theme string
	share       float64
	limit       int
}{
	{"Inbox", "flat", 0.10, 100_000},
	{"Camera Uploads", "flat", 0.025, 25_000},
	{"Scans", "flat", 0.0125, 12_000},
	{"tief", "chain", 0.001, 160},
	{"Photos", "photos", 0.24, 0},
	{"src", "code", 0.28, 0},
	{"Documents", "documents", 0.10, 0},
	{"Документы", "documents", 0.05, 0},
	{"文档", "documents", 0.04, 0},
	{"Music", "music", 0.06, 0},
	{"Backup 2019", "mixed", 0.06, 0},
}

// expand makes up what stands in d. Entries and the budgets of the subfolders
// together are exactly d.budget.
func expand(seed uint64, d dir) ([]entry, []dir) {
	r := d.rand(seed)
	names := unique{}
	if d.theme == "root" {
		return expandRoot(r, d, names)
	}
	t := themes(d.theme)
	files, folders := d.budget, 0
	if d.budget > t.leaf && d.depth < t.depth {
		files = min(d.budget/2, skewed(r, t.files))
		folders = min(d.budget-files, 1+skewed(r, t.folders-1))
		if d.theme == "chain" {
			files, folders = 1, 1
		}
	}
	entries := make([]entry, 0, files+folders)
	var subs []dir
	for _, budget := range split(r, d.budget-files-folders, folders) {
		e := entry{name: names.take(t.subs(r)), kind: folder, mtime: pastTime(r)}
		entries = append(entries, e)
		subs = append(subs, dir{join(d.path, e.name), or(t.next, d.theme), budget, d.depth + 1, e.mtime, r.Uint64()})
	}
	for range files {
		entries = append(entries, makeFile(r, names.take(t.names(r))))
	}
	return entries, subs
}

func expandRoot(r *rand.Rand, d dir, names unique) (entries []entry, subs []dir) {
	left := d.budget
	for i, root := range roots {
		if left == 0 {
			break
		}
		budget := int(float64(d.budget) * root.share)
		if root.limit > 0 {
			budget = min(budget, root.limit)
		}
		budget = min(budget, left-1)
		if i == len(roots)-1 {
			budget = left - 1
		}
		left -= 1 + budget
		e := entry{name: names.take(root.name), kind: folder, mtime: pastTime(r)}
		entries = append(entries, e)
		subs = append(subs, dir{e.name, root.theme, budget, 1, e.mtime, r.Uint64()})
	}
	return entries, subs
}

// split deals n among k parts of very different size.
func split(r *rand.Rand, n, k int) []int {
	parts := make([]int, k)
	weights, total := make([]float64, k), 0.0
	for i := range weights {
		weights[i] = math.Exp(r.NormFloat64() * 1.3)
		total += weights[i]
	}
	done, upTo := 0, 0.0
	for i, w := range weights {
		upTo += w
		next := int(math.Round(float64(n) * upTo / total))
		if i == k-1 {
			next = n
		}
		parts[i] = next - done
		done = next
	}
	return parts
}

func skewed(r *rand.Rand, mean float64) int {
	return int(mean * math.Exp(r.NormFloat64()*0.8-0.32))
}

func makeFile(r *rand.Rand, name string) entry {
	e := entry{name: name, mtime: pastTime(r)}
	switch {
	case r.IntN(400) == 0:
		e.kind, e.target = symlink, shortName(r)
		e.size = int64(len(e.target))
	case r.IntN(40) == 0:
		e.content = sentence(r)
		e.size = int64(len(e.content))
	case r.IntN(30) > 0: // the others are empty
		e.size = int64(math.Exp(8.5 + 2.6*r.NormFloat64()))
		e.size = min(e.size, 4<<30)
	}
	return e
}

var newest = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// pastTime is any nanosecond of about twenty years, recent ones more often.
func pastTime(r *rand.Rand) int64 {
	const year = float64(365 * 24 * time.Hour)
	return newest - int64(min(r.ExpFloat64()*4, 23)*year)
}

// unique makes the names of one folder differ.
type unique map[string]struct{}

func (u unique) take(name string) string {
	candidate := name
	for i := 2; ; i++ {
		if _, taken := u[candidate]; !taken {
			u[candidate] = struct{}{}
			return candidate
		}
		candidate = numbered(name, i)
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
