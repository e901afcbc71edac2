package rules

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/vfs"
)

// verdict is what decided about a path: the line of a .gitignore.
type verdict struct {
	file string
	line int
}

// oracle is the real git.
type oracle struct{ repo string }

func newOracle(t *testing.T) oracle {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs a file system that takes any bytes as names")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	o := oracle{t.TempDir()}
	if out, err := o.git(o.repo, nil, "init", "-q", "--template=", o.repo); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	return o
}

func (o oracle) git(tree string, in []byte, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = tree, bytes.NewReader(in)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + o.repo, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_DIR=" + o.repo + "/.git", "GIT_WORK_TREE=" + tree}
	return cmd.Output()
}

func stderr(err error) []byte {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.Stderr
	}
	return nil
}

// verdicts asks git about paths of a tree; those it has no line for are left out.
func (o oracle) verdicts(tree string, paths []string) (map[string]verdict, error) {
	in := []byte("./" + strings.Join(paths, "\x00./") + "\x00") // "./": a colon means something else at the beginning
	out, err := o.git(tree, in, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin")
	if e, ok := err.(*exec.ExitError); err != nil && (!ok || e.ExitCode() != 1) { // 1: nothing is ignored
		return nil, fmt.Errorf("git check-ignore: %w: %s", err, stderr(err))
	}
	fields := strings.Split(string(out), "\x00")
	if len(fields) != 4*len(paths)+1 {
		return nil, fmt.Errorf("git answers %d fields for %d paths", len(fields), len(paths))
	}
	got := map[string]verdict{}
	for ; len(fields) > 1; fields = fields[4:] {
		if fields[0] != "" {
			line, err := strconv.Atoi(fields[1])
			if err != nil {
				return nil, err
			}
			got[fields[3][len("./"):]] = verdict{fields[0], line}
		}
	}
	return got, nil
}

// ours walks a tree as the index does, and returns all paths and what decided.
func ours(tree string) (paths []string, got map[string]verdict, err error) {
	set, err := Compile([]Rule{{ID: 1, Kind: Gitignore}})
	if err != nil {
		return nil, nil, err
	}
	got = map[string]verdict{}
	var walk func(dir string, up *Ignore, above *verdict) error
	walk = func(dir string, up *Ignore, above *verdict) error {
		if data, err := os.ReadFile(filepath.Join(tree, dir, ".gitignore")); err == nil && above == nil {
			up = ParseIgnore(up, dir, data)
		}
		entries, err := os.ReadDir(filepath.Join(tree, dir))
		for _, e := range entries {
			rel := strings.TrimPrefix(dir+"/"+e.Name(), "/")
			paths = append(paths, rel)
			kind := map[bool]vfs.Kind{true: vfs.Folder, false: vfs.File}[e.IsDir()]
			below := above
			if above == nil {
				if d := set.Decide(rel, kind, 0, up); d.Rule != nil {
					got[rel] = verdict{d.File, d.Line}
					if d.Excluded {
						below = &verdict{d.File, d.Line}
					}
				}
			} else {
				got[rel] = *above
			}
			if e.IsDir() {
				if err := walk(rel, up, below); err != nil {
					return err
				}
			}
		}
		return err
	}
	return paths, got, walk("", nil, nil)
}

// compare tells where we and git differ about a tree.
func (o oracle) compare(tree string) (diff []string, matched int, err error) {
	paths, got, err := ours(tree)
	if err != nil {
		return nil, 0, err
	}
	want, err := o.verdicts(tree, paths)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range paths {
		if got[p] != want[p] {
			file, _ := os.ReadFile(filepath.Join(tree, max(got[p].file, want[p].file)))
			diff = append(diff, fmt.Sprintf("%q: we say %v, git says %v; the file is %q", p, got[p], want[p], file))
		}
	}
	return diff, len(want), nil
}

// symlink as the content of a file makes it a symlink to a folder.
const symlink = "symlink"

// plant makes the files and folders of a tree; a path that ends in "/" is a
// folder. Paths that collide with others are left out.
func plant(tree string, files map[string]string) error {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var links []string // last, so that nothing is planted through them
	for _, name := range names {
		full := tree + "/" + name
		if strings.HasSuffix(name, "/") {
			_ = os.MkdirAll(full, 0o755)
			continue
		}
		if os.MkdirAll(filepath.Dir(full), 0o755) != nil {
			continue
		}
		if fi, err := os.Lstat(full); err == nil && fi.IsDir() {
			continue
		}
		if files[name] == symlink {
			links = append(links, full)
		} else if err := os.WriteFile(full, []byte(files[name]), 0o644); err != nil {
			return err
		}
	}
	for _, full := range links {
		_ = os.Symlink(".", full)
	}
	return nil
}

func nameAtoms() []string {
	return []string{"a", "b", "ab", "c", ".", "-", " ", "[", "]", "!", "#", "*", "?", "\\", "\xff", "é", "%", "_", "\r", "\t", "\n", "x.o", "~", "A", "1", ":"}
}

func patternAtoms() []string {
	return []string{"a", "a", "b", "b", "ab", "c", "/", "/", "/", "*", "*", "**", "**/", "/**", "***", "?", ".", "-", " ", "\\", "\\*", "\\a", "\\ ", "\\/", "\\\\",
		"[ab]", "[!a]", "[^b]", "[a-c]", "[a-", "[", "]", "[]a]", "[!]a]", "[\\]]", "[a\\-c]", "[[:alpha:]]", "[[:punct:][:digit:]]", "[[:nope:]]", "[[:alpha]",
		"[[:]", "[c-a]", "[--0]", "[a/b]", "!", "#", "\xff", "[\xf0-\xff]", "é", "[é]", "\r", "\t", "x.o", "*.o", "~", "\x00", "%", "_", "[[:upper:]-a]", "[*?]", "[a-\\c]"}
}

// Each folder has one pattern, and the same many entries.
func TestOnePatternIsAsInGit(t *testing.T) {
	o := newOracle(t)
	seed := rand.Int63()
	r := rand.New(rand.NewSource(seed))
	patterns := []string{"", "/", "//", "!", "!a", "/a", "a/", "a", "a/b", "/a/b/", "a/**", "a/**/b", "a**/b", "/a**", "a**b", "**/a", "**/a/b", "**", "/**", "**/",
		"/**/", "**/**", "***/a", "*/a", "/*/a", "*/**/a", "**\\/a", "a\\/b", "a/*", "a/*/", "a//b", "./a", "../a", "\\", "a\\", "a\\ ", "a\\  ", "a\\\\ ", "a ", " a",
		"*.o", "*o", ".*", "?", "??", "[a]b", "a/**\\/b", "**/**/a", "a/**/**/b", "*a*b*", "**/*a*/b", "a/**/*", "\xff", "[!\x80-\xff]", "\\!", "\\#", "!!a", "!\\!"}
	for len(patterns) < 200 {
		var p strings.Builder
		for range 1 + r.Intn(5) {
			p.WriteString(patternAtoms()[r.Intn(len(patternAtoms()))])
		}
		patterns = append(patterns, p.String())
	}
	names := []string{"a", "b/", "ab/a", "ab/b/", "aab/b/a", "a ", "a\\", "a\\ ", " a", "x.o", "x.o.x", ".o", ".a", "\xff", "é", "!", "!a", "#", "\\", "\\!", "c/a/b/a", "c/c/ab", "c/b/", "c/a/", "[", "]",
		"-", "aa", "bb", "ba", "cb/ab/b", "d/x.o/", "A", "1", "*", "a*b", "a?"}
	tree := t.TempDir()
	files := map[string]string{}
	for i, p := range patterns {
		dir := fmt.Sprintf("p%03d/", i)
		files[dir+".gitignore"] = p + "\n"
		files[dir+"d/b"] = symlink
		for _, n := range names {
			files[dir+n] = ""
		}
	}
	if err := plant(tree, files); err != nil {
		t.Fatal(err)
	}
	diff, matched, err := o.compare(tree)
	if err != nil || len(diff) > 0 {
		t.Fatalf("seed %d: %d differences, %v\n%s", seed, len(diff), err, strings.Join(diff[:min(len(diff), 40)], "\n"))
	}
	if matched < len(patterns) {
		t.Errorf("only %d of %d entries are matched: the test says little", matched, len(files))
	}
}

// Every byte a name can hold, against every class.
func TestClassesAreAsInGit(t *testing.T) {
	o := newOracle(t)
	tree := t.TempDir()
	files := map[string]string{}
	for i, c := range []string{"[[:alnum:]]", "[[:alpha:]]", "[[:blank:]]", "[[:cntrl:]]", "[[:digit:]]", "[[:graph:]]", "[[:lower:]]", "[[:print:]]", "[[:punct:]]",
		"[[:space:]]", "[[:upper:]]", "[[:xdigit:]]", "?", "[!a]", "[^[:alpha:]]", "[!-~]", "[\x80-\xff]"} {
		dir := fmt.Sprintf("%02d/", i)
		files[dir+".gitignore"] = "x" + c
		for b := 1; b < 256; b++ {
			if b != '/' {
				files[dir+"x"+string([]byte{byte(b)})] = ""
			}
		}
	}
	if err := plant(tree, files); err != nil {
		t.Fatal(err)
	}
	if diff, _, err := o.compare(tree); err != nil || len(diff) > 0 {
		t.Fatalf("%v\n%s", err, strings.Join(diff, "\n"))
	}
}

// Random trees with .gitignore files in many folders.
func TestTreesAreAsInGit(t *testing.T) {
	o := newOracle(t)
	name := rapid.Custom(func(t *rapid.T) string {
		n := strings.Join(rapid.SliceOfN(rapid.SampledFrom(nameAtoms()), 1, 2).Draw(t, "name"), "")
		if n == "." || n == ".." {
			return "a"
		}
		return n
	})
	dirName := rapid.SampledFrom([]string{"a", "b", "ab", "c", "a b", "[a]", "\xff"})
	line := rapid.Custom(func(t *rapid.T) string {
		not := rapid.SampledFrom([]string{"", "", "!"}).Draw(t, "not")
		end := rapid.SampledFrom([]string{"\n", "\n", "\n", "\r\n", " \n", "/\n", ""}).Draw(t, "end")
		return not + strings.Join(rapid.SliceOfN(rapid.SampledFrom(patternAtoms()), 1, 4).Draw(t, "pattern"), "") + end
	})
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		tree, err := os.MkdirTemp(base, "")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(tree)
		files := map[string]string{}
		for range rapid.IntRange(1, 25).Draw(rt, "entries") {
			dir := strings.Join(rapid.SliceOfN(dirName, 0, 3).Draw(rt, "dir"), "/")
			files[strings.TrimPrefix(dir+"/"+name.Draw(rt, "name")+rapid.SampledFrom([]string{"", "/"}).Draw(rt, "kind"), "/")] = rapid.SampledFrom([]string{"", symlink}).Draw(rt, "content")
			if rapid.IntRange(0, 3).Draw(rt, "gitignore") == 0 {
				bom := rapid.SampledFrom([]string{"", "", "", "\xef\xbb\xbf"}).Draw(rt, "bom")
				files[strings.TrimPrefix(dir+"/.gitignore", "/")] = bom + strings.Join(rapid.SliceOfN(line, 0, 6).Draw(rt, "lines"), "")
			}
		}
		if err := plant(tree, files); err != nil {
			rt.Fatal(err)
		}
		if diff, _, err := o.compare(tree); err != nil || len(diff) > 0 {
			rt.Fatalf("%v\n%s", err, strings.Join(diff, "\n"))
		}
	})
}
