package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Ban forbids a call of the standard library in non-test code below internal/.
// Call is "import/path.Name"; a Name that ends in * stands for all that begin so.
type Ban struct {
	Call   string
	Except []string // rooms where it is allowed
	Why    string
}

// Bans are the calls nobody may write.
func Bans() []Ban {
	helpers := []string{"internal/archtest", "internal/job/jobtest", "internal/vfs/vfstest", "internal/vfs/faultfs", "internal/vfs/memfs"}
	return []Ban{
		{"time.Sleep", helpers, "wait on a channel or timer together with the context, so that a stop never has to wait"},
		{"log.*", nil, "log with the injected slog.Logger"},
		{"fmt.Print*", []string{"internal/cli"}, "only the command line talks to a terminal"},
		{"os.Exit", nil, "return an error; only main ends the process"},
		{"log/slog.Debug", nil, "use the injected logger, not the global one"},
		{"log/slog.Info", nil, "use the injected logger, not the global one"},
		{"log/slog.Warn", nil, "use the injected logger, not the global one"},
		{"log/slog.Error", nil, "use the injected logger, not the global one"},
		{"log/slog.SetDefault", nil, "the global logger belongs to nobody"},
	}
}

// CheckFile returns what a Go file breaks of bans, and whether it declares init.
func CheckFile(f File, bans []Ban) []string {
	if f.Test || !within(f.Path, "internal") {
		return nil
	}
	var out []string
	names := importNames(f.AST)
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			out = append(out, f.Path+": func init: registration is an explicit table in app")
		}
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
			out = append(out, banned(f.Path, names[x.Name]+"."+sel.Sel.Name, bans)...)
		}
		return true
	})
	return out
}

func banned(file, call string, bans []Ban) []string {
	for _, b := range bans {
		prefix, wild := strings.CutSuffix(b.Call, "*")
		if call != b.Call && !(wild && strings.HasPrefix(call, prefix)) {
			continue
		}
		if !slices.ContainsFunc(b.Except, func(room string) bool { return within(path.Dir(file), room) }) {
			return []string{fmt.Sprintf("%s: %s: %s", file, call, b.Why)}
		}
	}
	return nil
}

// importNames maps the name a file uses to the path it imported.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

var rawHTML = regexp.MustCompile(`(?i)\b(inner|outer)HTML\b|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write`)

// CheckWeb returns the lines of a web source file that turn text into HTML:
// names of files are text of strangers.
func CheckWeb(file, src string) []string {
	var out []string
	n := 0
	for line := range strings.Lines(src) {
		n++
		if m := rawHTML.FindString(line); m != "" {
			out = append(out, fmt.Sprintf("%s:%d: %s: show text as text nodes", file, n, m))
		}
	}
	return out
}
