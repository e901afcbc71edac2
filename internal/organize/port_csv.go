package organize

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// csvHead are the columns of a table of files.
var csvHead = []string{"path", "volume", "kind", "tags", "rating", "favourite", "note"}

// ExportedCSV tells what a table of files holds.
type ExportedCSV struct {
	Files int `json:"files" jsonschema:"files and folders, a line each; copies of the same bytes have one each"`
}

func (s *Service) csvOps() []op.Def {
	return []op.Def{
		op.NewCommand("organize.export_csv", "Write files with their tags, ratings and notes into a table, for other programs; it is not read again", s.exportCSV,
			op.Example("stardrive organize export-csv ~/added.csv")),
	}
}

func (s *Service) exportCSV(ctx context.Context, in PortIn) (out ExportedCSV, err error) {
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	err = newFile(in.File, func(to io.Writer) error {
		out, err = s.writeCSV(ctx, to)
		return err
	})
	return out, err
}

// writeCSV writes a line for each place at which something stands that was added to,
// by volume and path. A name that is no text has its odd bytes as \xff.
func (s *Service) writeCSV(ctx context.Context, to io.Writer) (out ExportedCSV, err error) {
	w := csv.NewWriter(to)
	if err := w.Write(csvHead); err != nil {
		return out, err
	}
	var ids []ident.EntryID
	contents := map[ident.ContentID]bool{}
	s.model.look(func(*tree) {
		for _, f := range s.model.files {
			if f.content != 0 {
				contents[f.content] = true
			}
			for _, l := range f.links {
				ids = append(ids, l.entry)
			}
		}
	})
	var some []thing
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		for c := range contents {
			err := r.Copies(c, func(e *catalog.Entry) error {
				ids = append(ids, e.ID)
				return nil
			})
			if err != nil {
				return err
			}
		}
		some, err = things(r, ids)
		return err
	})
	if err != nil {
		return out, err
	}
	slices.SortFunc(some, func(a, b thing) int {
		return cmp.Or(strings.Compare(a.volume, b.volume), strings.Compare(a.path, b.path))
	})
	for i := range some {
		a, err := s.about(ctx, &some[i])
		if err != nil {
			return out, err
		}
		if len(a.Tags) == 0 && a.Rating == 0 && !a.Favourite && a.Note == "" {
			continue
		}
		out.Files++
		if err := w.Write(csvLine(&some[i], &a)); err != nil {
			return out, err
		}
	}
	w.Flush()
	return out, w.Error()
}

func csvLine(t *thing, a *About) []string {
	var tags []string
	for _, g := range a.Tags {
		name := g.Tag.Name
		if g.Tag.Namespace != "" {
			name = g.Tag.Namespace + "/" + name
		}
		tags = append(tags, name)
	}
	line := []string{sayable(t.path), t.volume, t.Kind.String(), strings.Join(tags, ","), "", "", a.Note}
	if a.Rating > 0 {
		line[4] = strconv.Itoa(a.Rating)
	}
	if a.Favourite {
		line[5] = "yes"
	}
	return line
}

// sayable is a path as text: odd bytes as \xff, and a backslash as two where there are
// any.
func sayable(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	quoted := strconv.Quote(path)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
