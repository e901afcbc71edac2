package content

import (
	"cmp"
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A file that could not be read is tried again after firstTry, and after four times
// as long each time, up to lastTry.
const (
	firstTry = 5 * time.Minute
	lastTry  = 24 * time.Hour
)

// nextTry is how long to wait after so many tries.
func nextTry(tries int64) time.Duration {
	wait := firstTry
	for ; tries > 1 && wait < lastTry; tries-- {
		wait *= 4
	}
	return min(wait, lastTry)
}

// miss is a file that could not be read.
type miss struct {
	id  ident.EntryID
	seq int64 // of the entry as it was tried
	err error
}

// note stores that it could not be read, and when it is tried again.
func (m *miss) note(stx *store.Tx, now int64) error {
	var tries, since, seq int64
	err := stx.QueryRow("SELECT coalesce(max(tries), 0), coalesce(max(since_ns), 0), coalesce(max(seq), 0) FROM unread WHERE entry_id = ?", int64(m.id)).Scan(&tries, &since, &seq)
	if err != nil {
		return err
	}
	if seq != m.seq { // the file changed: that may have mended it
		tries, since = 0, now
	}
	tries++
	_, err = stx.Exec(`INSERT INTO unread (entry_id, seq, kind, reason, tries, since_ns, tried_ns, next_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (entry_id) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, reason = excluded.reason, tries = excluded.tries,
		since_ns = excluded.since_ns, tried_ns = excluded.tried_ns, next_ns = excluded.next_ns`,
		int64(m.id), m.seq, string(errs.KindOf(m.err)), reasonOf(m.err), tries, since, now, now+int64(nextTry(tries)))
	return err
}

// read forgets that files could not be read.
func read(stx *store.Tx, ids ...ident.EntryID) error {
	for _, id := range ids {
		if _, err := stx.Exec("DELETE FROM unread WHERE entry_id = ?", int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// reasonOf says in words why a file could not be read, without the path, which
// stands beside it.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, syscall.EIO):
		return "the disk does not give its bytes (input/output error)"
	case errs.Is(err, errs.Denied):
		return "Stardrive is not allowed to read it"
	case errs.Is(err, errs.NotFound):
		return "it was gone when its turn came"
	}
	for e := (*errs.Error)(nil); errors.As(err, &e) && e.Err != nil; {
		err = e.Err
	}
	return catalog.PlainName(err.Error())
}

// overdue returns up to limit files of a volume that could not be read and whose next
// try has come, those first that wait longest; also those that are no files any more.
func overdue(r *catalog.Reader, volume ident.VolumeID, now int64, limit int) (ids []ident.EntryID, err error) {
	rows, err := r.Store().Query(`SELECT unread.entry_id FROM unread LEFT JOIN entry ON entry.id = unread.entry_id
		WHERE next_ns <= ? AND coalesce(volume_id, ?2) = ?2 ORDER BY next_ns, unread.entry_id LIMIT ?`, now, int64(volume), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id ident.EntryID
		if err := rows.Scan((*int64)(&id)); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// againWindow returns files whose next try had come when the job began.
func (s *Service) againWindow(ctx context.Context, args identifyArgs, at identifyCursor) (w window, err error) {
	if args.Folder != 0 {
		return w, nil // what failed before was in the other windows
	}
	w.unasked = true
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if w.volume, err = r.Volume(args.Volume); err != nil {
			return err
		}
		if w.scope, err = s.scope(r, args.Volume); err != nil || w.scope == nil {
			return err
		}
		ids, err := overdue(r, args.Volume, at.Began, windowFiles)
		if err != nil {
			return err
		}
		w.end = len(ids) < windowFiles
		for _, id := range ids {
			f, ok, err := w.tryAgain(r, id)
			if err != nil {
				return err
			}
			if ok {
				w.files = append(w.files, f)
			} else {
				w.drop = append(w.drop, id)
			}
		}
		return nil
	})
	inTurn(w.files)
	return w, err
}

// tryAgain tells whether a file that could not be read is still to be.
func (w *window) tryAgain(r *catalog.Reader, id ident.EntryID) (f file, ok bool, err error) {
	f.Entry, err = r.Entry(id)
	if errs.Is(err, errs.NotFound) {
		return f, false, nil
	}
	if err != nil || f.State != catalog.Present || f.Kind != vfs.File {
		return f, false, err
	}
	p, proved, err := r.Proof(id)
	if err != nil || f.Content != 0 && proved && p.Changed == f.Changed {
		return f, false, err
	}
	if ok, err = w.scope.Has(r, &f.Entry); err != nil || !ok {
		return f, false, err
	}
	f.path, err = r.Path(&f.Entry)
	return f, true, err
}

// UnreadIn asks for files that could not be read.
type UnreadIn struct {
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"files a page; default 100" min:"0" max:"1000"`
}

// UnreadOut is a page of files that could not be read.
type UnreadOut struct {
	Items []Unread `json:"items" jsonschema:"the files, those first that failed first"`
	Next  string   `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// Unread is a file that could not be read, so that nothing is known of its bytes.
type Unread struct {
	catalog.View
	Location string    `json:"location,omitempty" jsonschema:"name of the location it stands in"`
	Why      errs.Kind `json:"why" jsonschema:"class of the reason: denied, internal (the disk), unavailable, conflict (it changes) ..."`
	Reason   string    `json:"reason" jsonschema:"why it could not be read"`
	Tries    int64     `json:"tries" jsonschema:"how often that was tried, without a change of the file between"`
	Since    time.Time `json:"since" jsonschema:"when it failed first"`
	Tried    time.Time `json:"tried" jsonschema:"when it was tried last"`
	Again    time.Time `json:"again" jsonschema:"when it is tried again, unless it changes before"`
}

// unreadFiles are those that are still to be read.
const unreadFiles = ` FROM unread JOIN entry ON entry.id = unread.entry_id LEFT JOIN proof ON proof.entry_id = entry.id
	WHERE state = 1 AND entry.kind = 1 AND (entry.content_id IS NULL OR changed_ns IS NOT ctime_ns)`

// CountUnread returns how many files could not be read.
func (s *Service) CountUnread(ctx context.Context) (n int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT count(*)" + unreadFiles).Scan(&n)
	})
	return n, err
}

// unread lists the files that could not be read.
func (s *Service) unread(ctx context.Context, in UnreadIn) (out UnreadOut, err error) {
	from, err := parsePlace(in.Cursor)
	if err != nil {
		return out, err
	}
	if from == nil {
		from = &place{}
	}
	limit := cmp.Or(in.Limit, pageDuplicates)
	out.Items = []Unread{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		b, err := s.beholder(r)
		if err != nil {
			return err
		}
		rows, err := r.Store().Query("SELECT unread.entry_id, unread.kind, reason, tries, since_ns, tried_ns, next_ns"+unreadFiles+
			" AND (since_ns, unread.entry_id) > (?, ?) ORDER BY since_ns, unread.entry_id LIMIT ?", from.bytes, int64(from.content), limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		var last place
		for rows.Next() {
			var id ident.EntryID
			var u Unread
			var since, tried, again int64
			if err := rows.Scan((*int64)(&id), &u.Why, &u.Reason, &u.Tries, &since, &tried, &again); err != nil {
				return err
			}
			if len(out.Items) == limit {
				out.Next = last.String()
				break
			}
			e, err := r.Entry(id)
			if err != nil {
				return err
			}
			if u.View, u.Location, err = b.view(&e); err != nil {
				return err
			}
			u.Since, u.Tried, u.Again = time.Unix(0, since).UTC(), time.Unix(0, tried).UTC(), time.Unix(0, again).UTC()
			out.Items, last = append(out.Items, u), place{since, ident.ContentID(id)}
		}
		return rows.Err()
	})
	return out, err
}
