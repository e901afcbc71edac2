// Package schema holds the SQL of the library database, every version of it,
// and no code that uses it.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/stardrive/stardrive/internal/store"
)

// ApplicationID stands in the header of every library database ("SDlb").
const ApplicationID int32 = 0x53446c62

//go:embed *.sql
var files embed.FS

// Migrations returns every step of the schema in order. Files are named
// NNNN_name.sql, numbered from 0001 without gaps; a released one never changes.
func Migrations() []store.Migration {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		panic(err) // the pattern is constant
	}
	var steps []store.Migration
	for i, name := range names {
		number, rest, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
		if number != fmt.Sprintf("%04d", i+1) || rest == "" {
			panic("schema: file " + name + " is out of order") // a mistake of the build, seen by any test
		}
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		steps = append(steps, store.Migration{Name: rest, SQL: string(text)})
	}
	return steps
}
