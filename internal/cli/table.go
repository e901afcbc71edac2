package cli

import (
	"io"
	"strings"
)

// table aligns cells in columns. Cells must be clean: no control characters.
type table struct {
	head  []string
	right []bool // by column: align to the right
	rows  [][]string
	paint func(row, col int, cell string) string // may be nil; sees the unpadded cell
}

func newTable(head ...string) *table {
	return &table{head: head, right: make([]bool, len(head))}
}

// alignRight marks columns that hold numbers.
func (t *table) alignRight(cols ...int) *table {
	for _, c := range cols {
		t.right[c] = true
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write prints the head and the rows. Columns that are empty in every row are left out.
func (t *table) write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	widths := make([]int, len(t.head))
	for c := range t.head {
		for _, row := range t.rows {
			widths[c] = max(widths[c], columns(row[c]))
		}
		if widths[c] > 0 {
			widths[c] = max(widths[c], columns(t.head[c]))
		}
	}
	var b strings.Builder
	t.line(&b, -1, t.head, widths)
	for r, row := range t.rows {
		t.line(&b, r, row, widths)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *table) line(b *strings.Builder, r int, row []string, widths []int) {
	var line []string
	for c, cell := range row {
		if widths[c] == 0 {
			continue
		}
		fill := strings.Repeat(" ", max(0, widths[c]-columns(cell)))
		if t.paint != nil && r >= 0 {
			cell = t.paint(r, c, cell)
		}
		if t.right[c] {
			cell = fill + cell
		} else {
			cell += fill
		}
		line = append(line, cell)
	}
	b.WriteString(strings.TrimRight(strings.Join(line, "  "), " "))
	b.WriteByte('\n')
}
