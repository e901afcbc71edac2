package media

import (
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// Status tells how a sidecar stands.
type Status string

// The statuses of sidecars. What has none was never asked for.
const (
	Ready   Status = "ready"
	Failed  Status = "failed"  // there is a reason, and nobody tries again unasked
	None    Status = "none"    // there is nothing of that sort in the content
	Evicted Status = "evicted" // was ready, and gave way to others; made again when somebody asks
)

// Enum lists the statuses.
func (Status) Enum() []string {
	return []string{string(Ready), string(Failed), string(None), string(Evicted)}
}

// TypeName is what clients call the type.
func (Status) TypeName() string { return "SidecarStatus" }

// row is one sidecar as stored.
type row struct {
	content ident.ContentID
	kind    Kind
	status  Status
	version int
	again   bool
	mime    string
	size    int64
	reason  string
	made    int64
	used    int64
}

// settled reports whether nothing is to be made: it was, in the newest way.
func (r *row) settled() bool { return !r.again && r.version >= sorts[r.kind].version }

func (r *row) name(hash catalog.Hash) name { return name{hash, r.kind, r.version, r.mime} }

const rowColumns = "content_id, kind, status, version, again, mime, size, reason, made_ns, used_ns"

func scanRow(scan func(...any) error, more ...any) (r row, err error) {
	err = scan(append([]any{&r.content, &r.kind, &r.status, &r.version, &r.again, &r.mime, &r.size, &r.reason, &r.made, &r.used}, more...)...)
	return r, err
}

// rowsOf returns the sidecars of a content.
func rowsOf(r *catalog.Reader, content ident.ContentID) (map[Kind]row, error) {
	list, err := rowsWhere(r, "content_id = ?", int64(content))
	out := map[Kind]row{}
	for _, one := range list {
		out[one.kind] = one
	}
	return out, err
}

func rowsWhere(r *catalog.Reader, where string, args ...any) (out []row, err error) {
	rows, err := r.Store().Query("SELECT "+rowColumns+" FROM sidecar WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scanRow(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// missing returns which of the kinds are to be made.
func missing(have map[Kind]row, want []Kind) (out []Kind) {
	for _, k := range want {
		if r, ok := have[k]; !ok || !r.settled() {
			out = append(out, k)
		}
	}
	return out
}

// background returns those of the kinds that jobs make.
func background(want []Kind) (out []Kind) {
	for _, k := range want {
		if sorts[k].background {
			out = append(out, k)
		}
	}
	return out
}

// putRow stores how a sidecar stands. It returns the picture that it replaces,
// whose file is to be removed after the commit.
func putRow(tx *catalog.Tx, hash catalog.Hash, r row) (stale []name, err error) {
	old, err := scanRow(tx.Store().QueryRow("SELECT "+rowColumns+" FROM sidecar WHERE content_id = ? AND kind = ?", int64(r.content), string(r.kind)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	case old.size > 0 && (r.size == 0 || old.name(hash) != r.name(hash)):
		stale = []name{old.name(hash)}
	}
	_, err = tx.Store().Exec(`INSERT INTO sidecar (`+rowColumns+`, orphan_ns) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 0)
		ON CONFLICT (content_id, kind) DO UPDATE SET status = excluded.status, version = excluded.version, again = 0, mime = excluded.mime,
		size = excluded.size, reason = excluded.reason, made_ns = excluded.made_ns, used_ns = max(used_ns, excluded.used_ns)`,
		int64(r.content), string(r.kind), string(r.status), r.version, r.mime, r.size, r.reason, r.made, r.used)
	return stale, err
}

// followers begins the names of how far media has come in the change feed.
const followers = "media:derive:"

// stampFollower keeps the stamp of the texts that the rows of TextOf speak of.
const stampFollower = "media:texts"

// toolsFollower keeps which programs were missing when rows of None were made.
const toolsFollower = "media:tools"

// sweptFollower keeps when all was swept last, in seconds since 1970.
const sweptFollower = "media:swept"

// beginAgain has the jobs look at all contents anew.
func beginAgain(tx *catalog.Tx) error {
	_, err := tx.Store().Exec("DELETE FROM follower WHERE name >= ? AND name < ?", followers, followers+"~")
	return err
}

// follow notes how far the feed was followed, unless somebody had it begin again
// since it stood at from. Followers of the volume under other names are dropped.
func follow(tx *catalog.Tx, volume, name string, from, to int64) error {
	now, err := tx.Follower(name)
	if err != nil || now != from {
		return err
	}
	if _, err := tx.Store().Exec("DELETE FROM follower WHERE name >= ? AND name < ? AND name <> ?", volume, volume+"~", name); err != nil {
		return err
	}
	return tx.SetFollower(name, to)
}
