// Command stardrive-gen writes what is generated from the operation table: the
// TypeScript client, the OpenAPI document and the command reference.
//
//	stardrive-gen -out web/src/gen -docs docs          write what is stale
//	stardrive-gen -out web/src/gen -docs docs -check   only tell; exit 1 when stale
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/stardrive/stardrive/internal/app"
	"github.com/stardrive/stardrive/internal/cli"
	"github.com/stardrive/stardrive/internal/gen"
	"github.com/stardrive/stardrive/internal/httpapi"
)

func main() {
	stale, err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "stardrive-gen:", err)
		os.Exit(2)
	case stale:
		fmt.Fprintln(os.Stderr, "stardrive-gen: generated files are stale; run make gen")
		os.Exit(1)
	}
}

// run generates; stale tells that -check found differences.
func run(args []string, out, errOut io.Writer) (stale bool, err error) {
	flags := flag.NewFlagSet("stardrive-gen", flag.ContinueOnError)
	flags.SetOutput(errOut)
	web := flags.String("out", "web/src/gen", "folder of the TypeScript client")
	docs := flags.String("docs", "docs", "folder of openapi.json and cli-reference.md")
	check := flags.Bool("check", false, "write nothing; fail when a file is stale")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	set := app.Definitions()
	// The document carries the version of the interface, not of the build: it
	// must not change with every commit.
	openapi, err := httpapi.OpenAPI(set, "1")
	if err != nil {
		return false, err
	}
	files, err := gen.All(openapi, cli.Reference(set), *web, *docs)
	if err != nil {
		return false, err
	}
	do := files.Write
	if *check {
		do = files.Stale
	}
	changed, err := do()
	for _, p := range changed {
		fmt.Fprintln(out, p)
	}
	return *check && len(changed) > 0, err
}
