package packed

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/collate"
)

// shelf is what is in an archive, put into folders.
type shelf struct {
	all     []Member
	more    bool // than all of these
	folders map[string]*folder

	mu sync.Mutex // of the order in folders
}

// folder is one in an archive. Archives need not name the folders that they have.
type folder struct {
	path    string
	subs    []*folder
	things  []int // members that are no folders
	files   int64 // below it
	bytes   int64
	own     *Member // what the archive tells of it
	ordered bool
}

func newShelf(all []Member, more bool) *shelf {
	h := &shelf{all: all, more: more, folders: map[string]*folder{"": {}}}
	for i := range all {
		if !h.put(i) {
			h.all, h.more = all[:i], true
			break
		}
	}
	return h
}

// put puts a member into its folder; false: there are too many folders.
func (h *shelf) put(i int) bool {
	m := &h.all[i]
	if m.Folder && m.Refused == "" {
		f := h.folder(m.Path)
		if f != nil {
			f.own = m
		}
		return f != nil
	}
	parent := ""
	if at := strings.LastIndexByte(m.Path, '/'); at > 0 {
		parent = m.Path[:at]
	}
	f := h.folder(parent)
	if f == nil {
		return false
	}
	f.things = append(f.things, i)
	for f := f; f != nil; f = h.above(f) {
		f.files++
		f.bytes += max(m.Size, 0)
	}
	return true
}

func (h *shelf) above(f *folder) *folder {
	if f.path == "" {
		return nil
	}
	return h.folders[f.path[:max(strings.LastIndexByte(f.path, '/'), 0)]]
}

// folder finds a folder, and makes it and those above it where they are missing.
func (h *shelf) folder(path string) *folder {
	if f := h.folders[path]; f != nil {
		return f
	}
	if len(h.folders) >= maxFolders {
		return nil
	}
	above := h.folder(path[:max(strings.LastIndexByte(path, '/'), 0)])
	if above == nil || len(h.folders) >= maxFolders {
		return nil
	}
	f := &folder{path: path}
	h.folders[path] = f
	above.subs = append(above.subs, f)
	return f
}

func (h *shelf) weight() int { return len(h.all) + len(h.folders) }

// order puts a folder in order, once: folders first, by name as people count.
func (h *shelf) order(f *folder) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.ordered {
		return
	}
	slices.SortFunc(f.subs, func(a, b *folder) int { return byName(base(a.path), base(b.path)) })
	slices.SortFunc(f.things, func(a, b int) int {
		return cmp.Or(byName(h.all[a].shown(), h.all[b].shown()), cmp.Compare(a, b))
	})
	f.ordered = true
}

func byName(a, b string) int {
	return cmp.Or(collate.Natural(collate.Fold(a), collate.Fold(b)), strings.Compare(a, b))
}

// shown is a member's name in its folder; of what stands nowhere, all that it is told by.
func (m *Member) shown() string {
	if m.Path == "" {
		return m.Told
	}
	return base(m.Path)
}
