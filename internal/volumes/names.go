package volumes

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// names are those that are taken, in lower case: to people "Stick" and "stick"
// are one.
type names map[string]bool

// free takes want, or, where another volume bears it, want with the first number
// that is free.
func (n names) free(want string) string {
	name := want
	for i := 2; n[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s %d", want, i)
	}
	n[strings.ToLower(name)] = true
	return name
}

// settleNames makes the names of the volumes of a library differ: who came first
// keeps his, the others get a number.
func settleNames(known []Known) names {
	n := names{}
	order := make([]int, len(known))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(known[a].ID, known[b].ID) })
	for _, i := range order {
		known[i].Name = n.free(known[i].Name)
	}
	return n
}

// nameLive settles the names of known volumes, and returns those of mounted
// ones by mount point. A volume that
// the library does not know gets one that is free, in the order of mounting, and
// those of the system's making last.
func nameLive(known []Known, live []Volume) map[string]string {
	taken := settleNames(known)
	byIdentity := map[string]string{}
	for _, k := range known {
		byIdentity[k.Identity] = k.Name
	}
	out := map[string]string{}
	for _, system := range []bool{false, true} {
		for _, v := range live {
			if v.System != system {
				continue
			}
			name, ok := byIdentity[v.Identity]
			if !ok || v.State == Clone {
				name = taken.free(v.Name)
			}
			out[v.Mount] = name
		}
	}
	return out
}

// NameIn returns what a mounted volume is called in a library: it differs from
// the names of all others there, and is the one under which volume.list shows it.
func (s *Service) NameIn(ctx context.Context, book Book, v Volume) (string, error) {
	known, err := book.Volumes(ctx)
	if err != nil {
		return "", err
	}
	known = slices.Clone(known)
	taken := settleNames(known)
	for _, k := range known {
		if k.Identity == v.Identity && v.State != Clone {
			return k.Name, nil
		}
	}
	t, err := s.known()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	live := s.listed(t)
	s.mu.Unlock()
	if name, ok := nameLive(known, live)[v.Mount]; ok {
		return name, nil
	}
	return taken.free(v.Name), nil // a mount of a part of another volume
}
