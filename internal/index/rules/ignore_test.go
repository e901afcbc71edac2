package rules

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/vfs"
)

func TestIgnoreHash(t *testing.T) {
	hash := func(up *Ignore, dir, data string) [16]byte { return ParseIgnore(up, dir, []byte(data)).Hash() }
	want := hash(nil, "a", "x\ny\n")
	if want != hash(nil, "a", "# words\r\nx\r\n\r\ny  ") {
		t.Error("comments and line ends change the hash")
	}
	up := ParseIgnore(nil, "", []byte("z\n"))
	seen := map[[16]byte]string{{}: "none", want: "the first"}
	for what, h := range map[string][16]byte{
		"other order": hash(nil, "a", "y\nx\n"), "other folder": hash(nil, "b", "x\ny\n"), "other line": hash(nil, "a", "x\nz\n"),
		"joined": hash(nil, "a", "xy\n"), "with one above": hash(up, "a", "x\ny\n"), "one above": up.Hash(),
	} {
		if seen[h] != "" {
			t.Errorf("%s has the hash of %s", what, seen[h])
		}
		seen[h] = what
	}
	if (*Ignore)(nil).Hash() != [16]byte{} {
		t.Error("no files have a hash")
	}
	if ParseIgnore(up, "a", []byte("# nothing\n\n[\n")) != up || ParseIgnore(nil, "a", nil) != nil {
		t.Error("a file without patterns is kept")
	}
}

// A huge, binary or malicious .gitignore excludes nothing it does not name, and
// costs little.
func TestIgnoreIsBounded(t *testing.T) {
	if ParseIgnore(nil, "", bytes.Repeat([]byte("*\n"), MaxIgnore/2+1)) != nil {
		t.Error("a file beyond the limit is honoured")
	}
	if i := ParseIgnore(nil, "", bytes.Repeat([]byte("generated/file.txt\n"), 10_000)); i == nil || i.cost > maxCost/4 {
		t.Error("a long list of plain names is not honoured")
	}
	for _, costly := range []string{"a?b*\n", "*.jpg\n", "*a/**/x\n"} {
		if ParseIgnore(nil, "", bytes.Repeat([]byte(costly), maxCost)) != nil {
			t.Errorf("%d lines of %q are honoured", maxCost, costly)
		}
	}
	var chain *Ignore
	dir := "d"
	for range 2 * maxCost {
		chain = ParseIgnore(chain, dir, []byte("*a*b\n"))
		dir += "/d"
	}
	if chain.cost > maxCost || chain.cost < maxCost-3 {
		t.Errorf("the files above one entry cost %d", chain.cost)
	}
	binary := make([]byte, MaxIgnore)
	for i := range binary {
		binary[i] = byte(i * 7919 >> 3)
	}
	ignore := ParseIgnore(nil, "", binary)
	set := compile(t, Rule{Kind: Gitignore})
	if d := decide(set, "Photos/", 0, ignore); d.Excluded {
		t.Errorf("noise excludes: %+v", d)
	}
}

// A pattern made to take long does not.
func TestMatchingIsNotExponential(t *testing.T) {
	deep := strings.Repeat("a/", 2000) + "a"
	long := strings.Repeat("a", 255)
	for _, p := range []string{strings.Repeat("a*", 60) + "b", "/" + strings.Repeat("**/a/", 60) + "b", strings.Repeat("**/*a*/", 40) + "b", strings.Repeat("*", 4000) + "b?",
		"/" + strings.Repeat("**/", 1000) + "?b", strings.Repeat("[a-z]*", 50) + "!", `/**\/**\/**\/**\/*b?`} {
		set := compile(t, Rule{Kind: Pattern, Value: p})
		for _, path := range []string{deep, long, deep + "/" + long} {
			if set.Decide(path, vfs.File, 0, nil).Excluded {
				t.Errorf("%.40q matches", p)
			}
		}
	}
}
