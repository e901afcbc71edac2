package volumes

import (
	"regexp"
	"slices"
	"strings"
)

// disksOf names what a volume would be lost with, whatever else may be on it: the
// hardware that was found below it, the server, the pool. Names are apart by spaces,
// and the same as long as the hardware is.
func disksOf(m Mount, p Probed) string {
	names := slices.Clone(p.Disks)
	switch familyOf(m.Type) {
	case network:
		if host := serverOf(m.Source); host != "" {
			names = append(names, "server:"+strings.ToLower(host))
		}
	case memory:
		names = append(names, "memory")
	case pool:
		if name, _, _ := strings.Cut(m.Source, "/"); name != "" {
			names = append(names, "pool:"+name)
		}
	case block:
		if whole := macSlice.FindStringSubmatch(m.Source); whole != nil && len(names) == 0 {
			names = append(names, p.Boot+"/"+whole[1])
		}
	}
	for i, n := range names {
		names[i] = printable(n)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// macSlice is how macOS calls a part of a disk, or of a container.
var macSlice = regexp.MustCompile(`^/dev/(disk[0-9]+)s[0-9s]+$`)

// serverOf takes the name of the server out of the source of a network mount:
// "host:/export", "[::1]:/export", "//host/share", `\\host\share`, "user@host:path".
func serverOf(source string) string {
	s := strings.ReplaceAll(source, `\`, "/")
	if share, ok := strings.CutPrefix(s, "//"); ok {
		host, _, _ := strings.Cut(share, "/")
		return afterAt(host)
	}
	if rest, ok := strings.CutPrefix(s, "["); ok {
		host, _, _ := strings.Cut(rest, "]")
		return host
	}
	host, _, ok := strings.Cut(s, ":")
	if !ok || strings.Contains(host, "/") {
		return ""
	}
	return afterAt(host)
}

func afterAt(host string) string { return host[strings.LastIndexByte(host, '@')+1:] }
