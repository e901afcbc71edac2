-- What the users of a library added themselves: user.db, beside library.db. It
-- exists nowhere else. library.db can be lost and made again; this cannot.
-- Times are nanoseconds since 1970 UTC. Stamps are those of package hlc.

-- What this database knows of itself, as text by key: me (the actor that writes
-- here), device (whose it was made by), reserved (the bound of the clock), catalogue and reached
-- (which library.db it was tied to, and up to which change of that).
CREATE TABLE own (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who wrote operations, and how many of each are applied: the version vector.
CREATE TABLE actor (
  no   INTEGER PRIMARY KEY,
  id   TEXT NOT NULL UNIQUE,
  seen INTEGER NOT NULL
) STRICT;

-- The log: operations as they were written, here or elsewhere. Compaction takes away
-- those of which nothing stands any more.
CREATE TABLE op (
  actor INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  stamp INTEGER NOT NULL,
  deps  TEXT    NOT NULL,                  -- JSON: actor to number; '' where it saw nobody else
  kind  TEXT    NOT NULL,                  -- merge.Plain, or what a later version wrote
  body  BLOB    NOT NULL,                  -- its changes as JSON; of other kinds as it came
  state INTEGER NOT NULL,                  -- 0 applied, 1 waits for others
  PRIMARY KEY (actor, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX op_early ON op (state) WHERE state > 0;

-- What facts are about, so that long names stand once: c:HASH a content, e:ID an
-- entry, t: a tag, l: a collection, f: a custom field, r: a rule, s: a space, g: a group and i: an item of one.
CREATE TABLE target (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

-- What stands: the operations, folded by package merge. It is the snapshot that
-- needs none of them.
CREATE TABLE fact (
  target INTEGER NOT NULL,
  field  TEXT    NOT NULL,
  member TEXT    NOT NULL,
  actor  INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  stamp  INTEGER NOT NULL,
  value  TEXT    NOT NULL,
  PRIMARY KEY (target, field, member, actor, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_member ON fact (field, member) WHERE member <> '';
CREATE INDEX fact_note ON fact (field) WHERE field = 'note';
CREATE INDEX fact_op ON fact (actor, n);

-- Where the files and folders stood that something was added to, for finding them
-- again when library.db is another. Of this device alone: it never leaves it.
CREATE TABLE place (
  target   INTEGER NOT NULL,
  entry    INTEGER NOT NULL,               -- the row in library.db; below 0: it stands nowhere there
  volume   TEXT    NOT NULL,               -- identity
  inode    INTEGER NOT NULL,               -- 0: the volume has none that last
  born_ns  INTEGER NOT NULL,
  path     BLOB    NOT NULL,               -- on the volume, raw bytes
  kind     INTEGER NOT NULL,               -- vfs.Kind
  size     INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  turns    INTEGER NOT NULL,               -- 1: what is added to this entry is meant for its content, as soon as that is known
  PRIMARY KEY (target, entry)
) STRICT, WITHOUT ROWID;

-- Entries whose bytes became known, so that what was added to them went to their content:
-- by which operations, so that it can be taken back there. Of this device alone.
CREATE TABLE turned (
  target      INTEGER PRIMARY KEY,
  into_target INTEGER NOT NULL,
  actor       INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  last        INTEGER NOT NULL
) STRICT;

-- What was done here, and what undoes it.
CREATE TABLE deed (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  done_ns INTEGER NOT NULL,
  title   TEXT    NOT NULL,
  changes INTEGER NOT NULL,                -- how many things it changed
  inverse BLOB    NOT NULL,                -- changes as JSON, with what they take back
  undone  INTEGER NOT NULL                 -- the deed that undid it; 0: it stands
) STRICT;
