// Command treegen makes a realistic folder tree of any size, always the same
// one for the same seed, and prints its manifest as JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
)

func main() {
	var o treegen.Options
	flag.IntVar(&o.Entries, "n", 1_000_000, "entries to make")
	flag.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same tree")
	flag.IntVar(&o.Workers, "workers", 2, "folders written at the same time")
	scan := flag.Bool("scan", false, "describe the tree at DIR instead of making it")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: treegen [flags] DIR    (DIR is made; it must not hold anything)")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), o, *scan); err != nil {
		fmt.Fprintln(os.Stderr, "treegen:", err)
		os.Exit(1)
	}
}

func run(dir string, o treegen.Options, scan bool) error {
	start := time.Now()
	var m treegen.Manifest
	var err error
	if scan {
		m, err = treegen.Scan(dir)
	} else if err = os.MkdirAll(dir, 0o755); err == nil {
		m, err = treegen.Write(dir, o)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d entries in %.1f s\n", m.Entries, time.Since(start).Seconds())
	return json.NewEncoder(os.Stdout).Encode(m)
}
