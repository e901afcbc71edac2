package rules

import (
	"fmt"
	"testing"

	"github.com/stardrive/stardrive/internal/vfs"
)

// The cost of one entry, for several lists of rules.
func BenchmarkDecide(b *testing.B) {
	many := func(n int) (list []Rule) { // as people write them: names, extensions, paths, a few globs
		for i := range n {
			value := []string{"folder-%d/", "*.ext%d", "/Projects/p%d/out/", "**/made-%d/by", "pre%d*", "name-%d", "*.%d.bak", "v%d.?.log"}[i%8]
			list = append(list, Rule{Kind: Pattern, Value: fmt.Sprintf(value, i)})
		}
		return list
	}
	preset := func(names ...string) (list []Rule) {
		for _, n := range names {
			list = append(list, Rule{Kind: Preset, Value: n})
		}
		return list
	}
	ignore := ParseIgnore(nil, "", []byte("*.o\n*.log\n/build/\nnode_modules/\n.env\n*~\n/dist\ntmp*/\n"))
	ignore = ParseIgnore(ignore, "Projects/site", []byte("/public/\n*.map\n"))
	paths := []string{"Projects/site/src/components/Gallery.tsx", "Photos/2019/Summer/IMG_20190714_153012.jpg", "Documents/letter to the bank.odt", ".config/autostart/x.desktop", "Projects/site/Makefile"}
	for _, c := range []struct {
		name string
		list []Rule
	}{
		{"0 patterns", nil},
		{"10 patterns", many(10)},
		{"200 patterns", many(200)},
		{"preset developer", preset("developer")},
		{"all presets", preset(presetNames()...)},
		{"gitignore", []Rule{{Kind: Gitignore}}},
		{"developer, caches, larger, gitignore", append(preset("developer", "caches"), Rule{Kind: Larger, Value: "1GB"}, Rule{Kind: Gitignore})},
	} {
		b.Run(c.name, func(b *testing.B) {
			set := compile(b, c.list...)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				set.Decide(paths[i%len(paths)], vfs.File, 4096, ignore)
			}
		})
	}
}
