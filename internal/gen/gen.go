// Package gen writes what is generated from the operation table: the TypeScript
// client, the OpenAPI document and the reference of the command line. It knows
// no operation by name, and makes the same bytes from the same table.
package gen

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Files are generated files: contents by path.
type Files map[string][]byte

// All generates everything: the client into the folder web, the documents into
// the folder docs. openapi and reference describe the same table, as HTTP and the
// command line show it.
func All(openapi, reference []byte, web, docs string) (Files, error) {
	client, err := TypeScript(openapi)
	if err != nil {
		return nil, err
	}
	return Files{
		filepath.Join(web, "client.ts"):         client,
		filepath.Join(docs, "openapi.json"):     openapi,
		filepath.Join(docs, "cli-reference.md"): reference,
	}, nil
}

// Stale returns the paths of the files that are missing on disk or differ.
func (f Files) Stale() ([]string, error) {
	var stale []string
	for _, path := range slices.Sorted(maps.Keys(f)) {
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !bytes.Equal(old, f[path]) {
			stale = append(stale, path)
		}
	}
	return stale, nil
}

// Write writes the stale files and returns their paths. Files that are right
// keep their time, so that builds do not start for nothing.
func (f Files) Write() ([]string, error) {
	stale, err := f.Stale()
	if err != nil {
		return nil, err
	}
	for _, path := range stale {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, f[path], 0o644); err != nil {
			return nil, err
		}
	}
	return stale, nil
}
