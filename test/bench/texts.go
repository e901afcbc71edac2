package bench

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/search/fulltext"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/test/daemon"
)

// texts gives a text to each of up to 100,000 files, as if a daemon had read them,
// and measures searches in them.
func (r *run) texts(ctx context.Context) error {
	if err := r.d.Stop(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(r.data, "libraries", "*", "library.db"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d libraries (%w)", len(found), err)
	}
	l, began := newProse(), time.Now()
	n, err := r.writeTexts(ctx, filepath.Dir(found[0]), l)
	if err != nil {
		return err
	}
	r.logf("%d texts, %.0f MB in all, written and understood in %.1f s", n, float64(l.made)/1e6, time.Since(began).Seconds())
	for _, name := range []string{"texts", "text.db", "meaning.vec"} {
		r.logf("%s: %.0f MB", name, float64(sizeOf(filepath.Join(filepath.Dir(found[0]), name)))/1e6)
	}
	if r.d, err = daemon.Start(ctx, r.Bin, r.data); err != nil {
		return err
	}
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) { // until the files are checked and open
		var out struct {
			Partial bool `json:"partial"`
		}
		err := r.d.Call(ctx, "search.query", map[string]any{"query": l.common(), "groups": []string{"texts"}}, &out)
		if err != nil {
			return err
		}
		if !out.Partial {
			if err := r.textQueries(ctx, l, n, ""); err != nil {
				return err
			}
			return r.textsWhileLoading(ctx, l, n)
		}
		if time.Now().After(until) {
			return fmt.Errorf("answers are partial for two minutes")
		}
	}
}

// textsWhileLoading asks the same while files are read whose texts come to these.
func (r *run) textsWhileLoading(ctx context.Context, l *prose, n int) error {
	if _, err := os.Stat(proseFolder); err != nil {
		r.logf("there is no %s to read meanwhile", proseFolder)
		return nil
	}
	var added daemon.Location
	if err := r.d.CLI(ctx, &added, "location", "add", proseFolder, "--mode", "deep"); err != nil {
		return err
	}
	return r.textQueries(ctx, l, n, ", while others are read")
}

// cpuTime is how long a process has computed, on whatever processor; 0: nobody tells.
func cpuTime(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	var user, system int64 // in hundredths of a second
	_, rest, _ := strings.Cut(string(b), ") ")
	if f := strings.Fields(rest); len(f) > 12 {
		user, _ = strconv.ParseInt(f[11], 10, 64)
		system, _ = strconv.ParseInt(f[12], 10, 64)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// sizeOf is how many bytes of disk a file or folder holds.
func sizeOf(path string) (n int64) {
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error { // what cannot be seen holds nothing
		if err == nil && d.Type().IsRegular() {
			if fi, err := d.Info(); err == nil {
				n += (fi.Size() + 4095) &^ 4095
			}
		}
		return nil
	})
	return n
}

// writeTexts makes contents and texts of the first files of the library.
func (r *run) writeTexts(ctx context.Context, dir string, l *prose) (n int, err error) {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	c, err := catalog.Open(ctx, db, event.NewBus())
	if err != nil {
		return 0, err
	}
	var library struct {
		ID string `json:"id"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "library.json"))
	if err == nil {
		err = json.Unmarshal(b, &library)
	}
	if err != nil {
		return 0, err
	}
	x, err := fulltext.New(fulltext.Options{
		Path: filepath.Join(dir, "text.db"), Folder: filepath.Join(dir, "texts"), Vectors: filepath.Join(dir, "meaning.vec"), Library: library.ID, Meaning: embed.Static(),
	})
	if err != nil {
		return 0, err
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = x.Serve(serving) }()
	defer func() {
		stop()
		<-ended
		x.Close()
	}()
	var files []ident.EntryID
	_, err = c.Scan(ctx, func(e *catalog.Brief) error {
		if e.Kind == vfs.File && e.State == catalog.Present && e.Content == 0 && len(files) < min(100_000, r.Entries/2) {
			files = append(files, e.ID)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	stamp, err := x.Stamp(ctx)
	if err == nil {
		err = c.Write(ctx, func(tx *catalog.Tx) error { return tx.SetFollower("media:texts", stamp) })
	}
	const batch = 200
	for rest := files; len(rest) > 0 && err == nil; {
		some := rest[:min(batch, len(rest))]
		rest = rest[len(some):]
		err = r.writeSome(ctx, c, x, some, l)
	}
	for err == nil && x.Meanings(ctx) != 0 {
		time.Sleep(100 * time.Millisecond)
		err = ctx.Err()
	}
	return len(files), err
}

func (r *run) writeSome(ctx context.Context, c *catalog.Catalog, x *fulltext.Index, some []ident.EntryID, l *prose) error {
	var docs []fulltext.Document
	err := c.Write(ctx, func(tx *catalog.Tx) error {
		docs = docs[:0]
		es, err := tx.EntriesByID(some)
		for i := range es {
			e := &es[i]
			h := catalog.Hash{31: 1}
			binary.BigEndian.PutUint64(h[:], uint64(e.ID))
			id, err := tx.PutContent(catalog.Content{Hash: h, Size: e.Size, Kind: "text", MIME: "text/plain"})
			if err != nil {
				return err
			}
			seen := vfs.Entry{Name: e.Name, Kind: e.Kind, Size: e.Size, Modified: e.Modified, Changed: e.Changed, Inode: e.Inode, Mode: e.Mode, Links: e.Links}
			has, err := tx.Identify(e.ID, seen, id, 1)
			if err == nil && has != id {
				err = fmt.Errorf("entry %d is another one now", e.ID)
			}
			if err != nil {
				return err
			}
			_, err = tx.Store().Exec("INSERT INTO sidecar (content_id, kind, status, version, again, mime, size, reason, made_ns, used_ns, orphan_ns) VALUES (?, 'text', 'ready', 2, 0, '', 0, '', 1, 1, 0)", int64(id))
			if err != nil {
				return err
			}
			docs = append(docs, fulltext.Document{ID: int64(id), Hash: fulltext.Hash(h), Title: l.title(), Body: l.text(), Place: e.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.Put(ctx, docs)
}

// maxPartial is how many answers may be partial because time was up.
const maxPartial = 10

// textQueries measures searches in texts through the HTTP API, class by class.
// during says what else goes on; then answers may be partial.
func (r *run) textQueries(ctx context.Context, l *prose, docs int, during string) error {
	classes := []struct {
		name string
		next func() string
	}{
		{"a word as people use them", func() string { return l.usual() + " " }},
		{"rare word", func() string { return l.rare() + " " }},
		{"one of the fifty commonest", func() string { return l.common() + " " }},
		{"two words", func() string { return l.usual() + " " + l.rare() + " " }},
		{"two common words side by side", func() string { return `"` + l.common() + " " + l.common() + `"` }},
		{"three words of a sentence", func() string { return `"` + l.phrase(3) + `"` }},
		{"word that may go on", l.rare},
		{"word, of one extension", func() string { return l.usual() + " ext:jpg " }},
	}
	partial := 0
	for _, g := range []struct {
		what         string
		groups       []string
		budget, goal float64
	}{{"text query", []string{"texts"}, 50, 15}, {"with names and meaning", []string{"names", "texts", "similar"}, 80, 25}} {
		for _, c := range classes {
			var times []time.Duration
			hits, cpu := 0, cpuTime(r.d.PID())
			for i := range r.Queries + 3 {
				in := map[string]any{"query": c.next(), "groups": g.groups, "limit": 20}
				var out struct {
					Texts   []struct{} `json:"texts"`
					Partial bool       `json:"partial"`
				}
				began := time.Now()
				if err := r.d.Call(ctx, "search.query", in, &out); err != nil {
					return err
				}
				if out.Partial && during == "" {
					if partial++; partial > maxPartial {
						return fmt.Errorf("the answer to %v is partial, and %d others are", in, partial-1)
					}
				}
				if i >= 3 { // the first ones read the file
					times = append(times, time.Since(began))
				}
				hits += len(out.Texts)
			}
			p := percentiles(times)
			r.report.add(Row{Work: fmt.Sprintf("%s over %d texts%s, p95: %s", g.what, docs, during, c.name), Value: ms(p[1]), Unit: "ms", Budget: g.budget, Goal: g.goal,
				Note: fmt.Sprintf("p50 %.1f, p99 %.1f ms; %.1f ms of processor each; mean %d of the 20 shown",
					ms(p[0]), ms(p[2]), ms(cpuTime(r.d.PID())-cpu)/float64(r.Queries+3), hits/(r.Queries+3))})
		}
	}
	return nil
}
