package volumes

import (
	"slices"
	"strings"
)

// Mount is one line of the system's mount table. Paths hold raw bytes and are
// joined by '/' on every system.
type Mount struct {
	ID, Parent int    // numbers of the mount and of the one it is mounted on; 0, 0 where the system has none
	Dev        string // the file system instance: mounts with equal Dev show the same files
	Root       string // the folder of the file system that stands at Point; "/" unless bind-mounted
	Point      string
	Type       string
	Source     string
	ReadOnly   bool
	Options    string // of the file system, comma-joined
}

// key tells a mount from others while it stands; remounting changes flags only.
type key struct {
	id                            int
	dev, root, point, typ, source string
}

func (m Mount) key() key { return key{m.ID, m.Dev, m.Root, m.Point, m.Type, m.Source} }

// option returns the value of one of the file system's options, or "".
func (m Mount) option(name string) string {
	for o := range strings.SplitSeq(m.Options, ",") {
		if v, ok := strings.CutPrefix(o, name+"="); ok {
			return v
		}
	}
	return ""
}

// visible leaves out the mounts that no path leads to: those that a later mount
// covers, at their own point or at a folder above it. The order stays.
func visible(mounts []Mount) []Mount {
	if !slices.ContainsFunc(mounts, func(m Mount) bool { return m.ID != 0 }) {
		return mounts // the system does not tell the tree
	}
	byID := map[int]bool{}
	children := map[int]map[string]int{} // parent id → point → index; of several, the last
	for _, m := range mounts {
		byID[m.ID] = true
	}
	var starts []int
	for i, m := range mounts {
		if !byID[m.Parent] || m.Parent == m.ID {
			starts = append(starts, i)
			continue
		}
		if children[m.Parent] == nil {
			children[m.Parent] = map[string]int{}
		}
		children[m.Parent][m.Point] = i
	}
	seen := make([]bool, len(mounts))
	show := make([]bool, len(mounts))
	for len(starts) > 0 {
		i := starts[len(starts)-1]
		starts = starts[:len(starts)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		kids := children[mounts[i].ID]
		if over, ok := kids[mounts[i].Point]; ok && !seen[over] {
			starts = append(starts, over) // covers it wholly
			continue
		}
		show[i] = true
		for point, c := range kids {
			if !covered(kids, mounts[i].Point, point) {
				starts = append(starts, c)
			}
		}
	}
	var out []Mount
	for i, m := range mounts {
		if show[i] {
			out = append(out, m)
		}
	}
	return out
}

// covered reports whether one of the mounts kids stands at a folder between
// base and point.
func covered(kids map[string]int, base, point string) bool {
	for dir := parentOf(point); len(dir) > len(base); dir = parentOf(dir) {
		if _, ok := kids[dir]; ok {
			return true
		}
	}
	return false
}

// parentOf returns the folder above an absolute slash path, "" above a root
// ("/" or "C:/").
func parentOf(path string) string {
	i := strings.LastIndexByte(path, '/')
	switch {
	case i < 0 || i == len(path)-1:
		return ""
	case i == 0 || path[i-1] == ':':
		return path[:i+1]
	}
	return path[:i]
}

// below returns what follows the folder dir in path, both absolute; ok tells
// whether path is dir or stands below it.
func below(dir, path string) (rest string, ok bool) {
	if dir == path {
		return "", true
	}
	if !strings.HasSuffix(dir, "/") {
		dir += "/"
	}
	return strings.CutPrefix(path, dir)
}

// under joins an absolute folder and a relative path.
func under(dir, rel string) string {
	switch {
	case rel == "":
		return dir
	case strings.HasSuffix(dir, "/"):
		return dir + rel
	}
	return dir + "/" + rel
}
