package dups

import (
	"encoding/json"
	"strings"
)

// readBlocks reads groups of paths, a line each, parted by empty lines: jdupes.
func readBlocks(out []byte) (map[string]bool, error) {
	all := map[string]bool{}
	for block := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n\n") {
		if block != "" {
			all[groupText(strings.Split(block, "\n"))] = true
		}
	}
	return all, nil
}

// readRdfind reads the results of rdfind: the second field of a line is the group
// (negative but for its first file), the eighth the path.
func readRdfind(out []byte) map[string]bool {
	by := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 8)
		if len(f) == 8 && f[0] != "#" {
			id := strings.TrimPrefix(f[1], "-")
			by[id] = append(by[id], f[7])
		}
	}
	return grouped(by)
}

// readRmlint reads the JSON of rmlint.
func readRmlint(out []byte) (map[string]bool, error) {
	var items []struct {
		Type     string `json:"type"`
		Checksum string `json:"checksum"`
		Path     string `json:"path"`
	}
	if err := json.Unmarshal(out, &items); err != nil {
		return nil, err
	}
	by := map[string][]string{}
	for _, i := range items {
		if i.Type == "duplicate_file" {
			by[i.Checksum] = append(by[i.Checksum], i.Path)
		}
	}
	return grouped(by), nil
}

func grouped(by map[string][]string) map[string]bool {
	all := map[string]bool{}
	for _, paths := range by {
		if len(paths) > 1 {
			all[groupText(paths)] = true
		}
	}
	return all
}
