package rules

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/vfs"
)

func TestExplain(t *testing.T) {
	s := compile(t,
		Rule{Kind: Preset, Value: "developer"},
		Rule{Kind: Larger, Value: "1MB"},
		Rule{Kind: Gitignore},
		Rule{Kind: Pattern, Value: "secret*"},
		Rule{Kind: Pattern, Value: "secret.txt", Include: true})
	ignore := ParseIgnore(nil, "src", []byte("\n*.o\n!lib.o"))
	step := func(path string, size int64) Step {
		folder := strings.HasSuffix(path, "/")
		kind := map[bool]vfs.Kind{true: vfs.Folder, false: vfs.File}[folder]
		return Step{strings.TrimSuffix(path, "/"), kind, size, decide(s, path, size, ignore)}
	}
	for _, c := range []struct {
		steps    []Step
		excluded bool
		why      string
	}{
		{nil, false, "It is the location itself, which is always indexed."},
		{[]Step{step("a/", 0), step("a/b.txt", 5)}, false, "It is indexed: no rule matches it."},
		{[]Step{step("secret.txt", 5)}, false, `It is indexed: it is included by rule 5, the pattern "secret.txt".`},
		{[]Step{step("src/", 0), step("src/lib.o", 5)}, false, `It is indexed: it is included by line 3 of "src/.gitignore", "!lib.o", which rule 3 honours.`},
		{[]Step{step("src/", 0), step("src/a.o", 5)}, true, `It is excluded by line 2 of "src/.gitignore", "*.o", which rule 3 honours.`},
		{[]Step{step("big", 2e6)}, true, "It is excluded by rule 2, files larger than 1MB (it has 2000000 bytes)."},
		{[]Step{step("secret\x1b[2J", 5)}, true, `It is excluded by rule 4, the pattern "secret*".`},
		{[]Step{step("web/", 0), step("web/node_modules/", 0)}, true,
			`The folder "web/node_modules" and all below it are excluded by rule 1, the preset developer (its pattern "node_modules/").`},
		{[]Step{step("secret\xff\u202e/", 0), step("secret\xff\u202e/secret.txt", 5)}, true,
			`The folder "secret\xff\u202e" above it is excluded by rule 4, the pattern "secret*". No rule can include what is below an excluded folder; include the folder itself first.`},
	} {
		if excluded, why := Explain(c.steps); excluded != c.excluded || why != c.why {
			t.Errorf("got  %v %s\nwant %v %s", excluded, why, c.excluded, c.why)
		}
	}
}
