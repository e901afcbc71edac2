package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// File is one parsed Go file; Path is relative to the module's root.
type File struct {
	Path string
	AST  *ast.File
	Test bool
}

// Load parses every Go file of the module at root, of all platforms and build
// tags (go list would show those of this one only), and groups them by folder.
// Nested modules, testdata and folders of tools are left out.
func Load(root string) (module string, packages []Package, files []File, err error) {
	module, err = modulePath(root)
	if err != nil {
		return "", nil, nil, err
	}
	fset := token.NewFileSet()
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(p, root), string(filepath.Separator)))
		if d.IsDir() {
			return skip(p, rel, d.Name())
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasPrefix(d.Name(), "_") || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, File{rel, f, strings.HasSuffix(rel, "_test.go")})
		return nil
	})
	return module, group(module, files), files, err
}

func skip(full, rel, name string) error {
	if rel == "" {
		return nil
	}
	if name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return filepath.SkipDir
	}
	if slices.Contains([]string{"bin", "tmp", "web", "dist"}, rel) {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(full, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func modulePath(root string) (string, error) {
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if m, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return strings.TrimSpace(m), nil
		}
	}
	return "", fmt.Errorf("%s: no module line", root)
}

// group makes packages of files. A folder of tests only is a package too; its
// comment then stands in a test file.
func group(module string, files []File) []Package {
	var out []Package
	for _, f := range files {
		dir := path.Dir(f.Path)
		i := slices.IndexFunc(out, func(p Package) bool { return p.Path == dir })
		if i < 0 {
			out = append(out, Package{Path: dir})
			i = len(out) - 1
		}
		p := &out[i]
		if f.Test {
			p.TestImports = appendImports(p.TestImports, f.AST, module)
		} else {
			p.Imports = appendImports(p.Imports, f.AST, module)
		}
		onlyTests := !slices.ContainsFunc(files, func(g File) bool { return !g.Test && path.Dir(g.Path) == dir })
		if f.AST.Doc != nil && f.Test == onlyTests {
			p.Comments++
		}
	}
	return out
}

func appendImports(to []string, f *ast.File, module string) []string {
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if rel, ok := strings.CutPrefix(p, module+"/"); err == nil && ok && !slices.Contains(to, rel) {
			to = append(to, rel)
		}
	}
	return to
}
