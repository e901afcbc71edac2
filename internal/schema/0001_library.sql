-- The database of one library. Owners of the tables: package catalog, except
-- where a comment names another. Every row of the change feed carries seq: one
-- counter for all tables, higher for later commits, never used twice.
-- Times are nanoseconds since 1970 UTC; 0 means unknown.

-- What this library is, as text by key.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Machines that take part in the library. id is derived from the public key.
CREATE TABLE device (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  slug       TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  seq        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Storages that come and go as a whole, known by identity, never by mount point.
CREATE TABLE volume (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id  TEXT NOT NULL,
  identity   TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  facts      TEXT NOT NULL,               -- JSON: what was last seen of it (file system, capacity, class, mount point)
  root_id    INTEGER NOT NULL,            -- the entry of its root folder
  online     INTEGER NOT NULL,
  seen_ns    INTEGER NOT NULL,
  happened   INTEGER NOT NULL,            -- catalog.Happening: what its newest change was
  seq        INTEGER NOT NULL
) STRICT;

-- Folders that the user asked to index.
CREATE TABLE location (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  volume_id  INTEGER NOT NULL REFERENCES volume,
  entry_id   INTEGER NOT NULL UNIQUE,     -- its root folder
  name       TEXT NOT NULL,
  mode       TEXT NOT NULL,               -- shallow, content, deep
  state      TEXT NOT NULL,               -- pending, indexing, ready, incomplete, held
  skipped    INTEGER NOT NULL,            -- entries of the last scan not looked into (mounts, odd files)
  errors     INTEGER NOT NULL,            -- folders and files of the last scan that could not be read
  indexed_ns INTEGER NOT NULL,            -- end of the last complete scan
  job_id     INTEGER NOT NULL,            -- its last scan
  missing    INTEGER NOT NULL,            -- entries that a scan found gone, and that wait for the user's word
  settings   TEXT NOT NULL,               -- JSON, in the words of package index: rules, policy
  happened   INTEGER NOT NULL,
  seq        INTEGER NOT NULL
) STRICT;

-- Files, folders, symlinks and special files: one table, one type. Paths are
-- not stored; they are walked up through parent_id. A root has parent 0 and is
-- told apart by its name: the identity of its volume.
CREATE TABLE entry (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- AUTOINCREMENT: never reused
  volume_id  INTEGER NOT NULL,
  parent_id  INTEGER NOT NULL,
  name       BLOB    NOT NULL,                    -- raw bytes
  kind       INTEGER NOT NULL,                    -- vfs.Kind
  state      INTEGER NOT NULL,                    -- 1 present, 2 known but not indexed (above a location), 3 absent, 4 left out by rules
  size       INTEGER NOT NULL,
  mtime_ns   INTEGER NOT NULL,
  ctime_ns   INTEGER NOT NULL,
  btime_ns   INTEGER NOT NULL,
  inode      INTEGER NOT NULL,
  mode       INTEGER NOT NULL,
  links      INTEGER NOT NULL,
  content_id INTEGER,
  files      INTEGER NOT NULL,                    -- of a folder: present entries in its whole subtree that are not folders
  folders    INTEGER NOT NULL,                    -- folders in its subtree, without itself
  bytes      INTEGER NOT NULL,                    -- sizes of the files in its subtree
  happened   INTEGER NOT NULL,
  seq        INTEGER NOT NULL
) STRICT;

-- A name is taken once among what exists. What is absent or left out keeps its
-- row, its id and all that hangs on it, and takes no name.
CREATE UNIQUE INDEX entry_child ON entry (parent_id, name) WHERE state < 3;
CREATE INDEX entry_away ON entry (parent_id, name) WHERE state > 2;
CREATE INDEX entry_inode ON entry (inode);
CREATE INDEX entry_content ON entry (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX entry_seq ON entry (seq);

-- What the last complete listing of a folder showed, as a digest: while a
-- listing has the same one, nothing in the folder is otherwise than the rows
-- say. Whoever changes rows of its children deletes it.
CREATE TABLE listing (
  folder_id INTEGER PRIMARY KEY,
  digest    BLOB NOT NULL,
  folders   BLOB NOT NULL                         -- ids of the folders in it, in the byte order of their names, as varints of their differences
) STRICT;

-- What files' bytes are, independent of name and place.
CREATE TABLE content (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  hash  BLOB NOT NULL UNIQUE,                     -- BLAKE3, 256 bit, of all bytes
  size  INTEGER NOT NULL,
  kind  TEXT NOT NULL,                            -- what the bytes are, in the words of package filekind
  mime  TEXT NOT NULL,
  seq   INTEGER NOT NULL
) STRICT;
CREATE INDEX content_seq ON content (seq);

-- When and how a file's content was found out: one row a file that was read
-- whole. While the entry's ctime is the one noted here, nothing speaks against
-- its content_id; when it is another, the bytes must be read again before
-- anything is claimed of them.
CREATE TABLE proof (
  entry_id   INTEGER PRIMARY KEY,
  changed_ns INTEGER NOT NULL,                    -- the file's ctime when it was read
  read_ns    INTEGER NOT NULL,                    -- when all of it was read last
  extents    INTEGER NOT NULL                     -- where on its volume its blocks were then, as a hash; 0: unknown. The same of two files: they share them (reflinks)
) STRICT;
CREATE INDEX proof_read ON proof (read_ns);       -- what waits longest to be read again comes first

-- Files whose bytes are others than those of their content, or cannot be read any
-- more, though nothing changed them. While a file stands here, no copy is counted
-- of it. Owner: package content.
CREATE TABLE damage (
  entry_id   INTEGER PRIMARY KEY,
  content_id INTEGER NOT NULL,                    -- what it should be
  found      BLOB NOT NULL,                       -- the hash of what was read; empty: it could not be read
  reason     TEXT NOT NULL,                       -- why it could not be read, for people
  found_ns   INTEGER NOT NULL                     -- when it was found first
) STRICT;

-- Files that could not be read when their turn came, and when they are tried
-- again: at their next change, or at next_ns. Owner: package content.
CREATE TABLE unread (
  entry_id INTEGER PRIMARY KEY,
  seq      INTEGER NOT NULL,                      -- of the entry when it was tried: with another it changed since
  kind     TEXT NOT NULL,                         -- errs.Kind
  reason   TEXT NOT NULL,                         -- for people
  tries    INTEGER NOT NULL,                      -- one after another, without a change between them
  since_ns INTEGER NOT NULL,                      -- the first of these
  tried_ns INTEGER NOT NULL,                      -- the last
  next_ns  INTEGER NOT NULL
) STRICT;
CREATE INDEX unread_next ON unread (next_ns);

-- Folders that moved from one location into another with all that is below them, of
-- which alone the feed tells: what is below them is yet to be told of.
CREATE TABLE arrival (
  folder_id INTEGER PRIMARY KEY,
  seq       INTEGER NOT NULL                      -- of the move
) STRICT;

-- What is derived of a content, kept in the library's folder. Owner: package media.
CREATE TABLE sidecar (
  content_id INTEGER NOT NULL,
  kind       TEXT NOT NULL,                       -- facts, text, thumb256 ...
  status     TEXT NOT NULL,                       -- ready, failed, none (there is nothing to derive), evicted (was there, and gave way; made again when asked for)
  version    INTEGER NOT NULL,                    -- of what made it
  again      INTEGER NOT NULL,                    -- 1: it is to be made again, whatever its version and status
  mime       TEXT NOT NULL,                       -- of the file of a picture; '' for what has none
  size       INTEGER NOT NULL,                    -- bytes of that file
  reason     TEXT NOT NULL,                       -- why it failed, for people
  made_ns    INTEGER NOT NULL,
  used_ns    INTEGER NOT NULL,                    -- when it was asked for last, give or take an hour
  orphan_ns  INTEGER NOT NULL,                    -- since when no entry has this content; 0: one has
  PRIMARY KEY (content_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX sidecar_used ON sidecar (used_ns, size) WHERE size > 0;
CREATE INDEX sidecar_failed ON sidecar (made_ns) WHERE status = 'failed';

-- What is known of a content beyond its kind. Owner: package media. Columns are
-- what searches ask for; facts holds all as JSON.
CREATE TABLE facts (
  content_id  INTEGER PRIMARY KEY,
  taken_ns    INTEGER,
  width       INTEGER,
  height      INTEGER,
  duration_ms INTEGER,
  pages       INTEGER,
  camera      TEXT,                               -- maker and model, folded
  artist      TEXT,                               -- author or performer, folded
  title       TEXT,                               -- folded
  latitude    REAL,
  longitude   REAL,
  perceptual  INTEGER,                            -- of a picture: the 64 bits of facts.perceptual, of which few differ between pictures that look alike
  facts       TEXT NOT NULL
) STRICT;
CREATE INDEX facts_perceptual ON facts (perceptual) WHERE perceptual IS NOT NULL;
-- What is searched by: an index of a column holds all that a search asks for.
CREATE INDEX facts_taken ON facts (taken_ns) WHERE taken_ns IS NOT NULL;
CREATE INDEX facts_width ON facts (width) WHERE width IS NOT NULL;
CREATE INDEX facts_height ON facts (height) WHERE height IS NOT NULL;
CREATE INDEX facts_duration ON facts (duration_ms) WHERE duration_ms IS NOT NULL;
CREATE INDEX facts_pages ON facts (pages) WHERE pages IS NOT NULL;
CREATE INDEX facts_camera ON facts (camera) WHERE camera IS NOT NULL;
CREATE INDEX facts_artist ON facts (artist) WHERE artist IS NOT NULL;
CREATE INDEX facts_title ON facts (title) WHERE title IS NOT NULL;

-- How far followers of the change feed have come, that keep no file of their own.
CREATE TABLE follower (
  name TEXT PRIMARY KEY,
  seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Searches that the user keeps, or made lately. Owner: package search.
CREATE TABLE saved_search (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  query      TEXT NOT NULL,                       -- JSON: a search.QueryIn
  created_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE recent_search (
  query   TEXT PRIMARY KEY,
  used_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows that were deleted, so that followers of the feed hear of it.
CREATE TABLE tombstone (
  seq  INTEGER PRIMARY KEY,
  noun TEXT NOT NULL,                             -- the table's name
  id   INTEGER NOT NULL
) STRICT;

-- Long work. Owner: package job.
CREATE TABLE job (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL,
  key           TEXT NOT NULL,
  lane          TEXT NOT NULL,
  title         TEXT NOT NULL,            -- for people, of this one job; '': its kind's
  priority      INTEGER NOT NULL,
  args          BLOB NOT NULL,
  step          TEXT NOT NULL,
  cursor        BLOB NOT NULL,
  state         TEXT NOT NULL,
  want          TEXT NOT NULL,
  progress      BLOB NOT NULL,
  error         TEXT NOT NULL,
  kind_of_error TEXT NOT NULL,
  created_ns    INTEGER NOT NULL,
  started_ns    INTEGER NOT NULL,
  finished_ns   INTEGER NOT NULL
) STRICT;
CREATE INDEX job_open ON job (state) WHERE state IN ('queued', 'running', 'paused');

-- What a job could not do, item by item. Owner: package job.
CREATE TABLE job_warning (
  job_id  INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  path    BLOB NOT NULL,
  kind    TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (job_id, n)
) STRICT, WITHOUT ROWID;

-- Changes of the user's files: looked at first, then committed, then taken back
-- if wanted. Owner: package action.
CREATE TABLE plan (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  action        TEXT NOT NULL,            -- "files.copy"
  title         TEXT NOT NULL,            -- for people
  state         TEXT NOT NULL,            -- planning, planned, committing, done, partial, failed, cancelled, discarded, expired
  data          BLOB NOT NULL,            -- JSON, in the words of its action
  summary       BLOB NOT NULL,            -- JSON: an action.Summary
  warnings      BLOB NOT NULL,            -- JSON: a list of texts
  confirm       TEXT NOT NULL,            -- the phrase to be typed before it is committed; '': none
  items         INTEGER NOT NULL,
  undecided     INTEGER NOT NULL,         -- items with a conflict and no choice
  actor         TEXT NOT NULL,            -- who asked for it
  job_id        INTEGER NOT NULL,         -- the last one that committed it
  undo_of       INTEGER NOT NULL,         -- the plan that this one takes back
  undone_by     INTEGER NOT NULL,         -- the committed plan that took this one back
  undoes        INTEGER NOT NULL,         -- 1: it takes back; 0: it does something, for the first time or again
  done          INTEGER NOT NULL,         -- things that were changed
  failed        INTEGER NOT NULL,
  skipped       INTEGER NOT NULL,
  error         TEXT NOT NULL,
  kind_of_error TEXT NOT NULL,
  created_ns    INTEGER NOT NULL,
  expires_ns    INTEGER NOT NULL,
  committed_ns  INTEGER NOT NULL,
  finished_ns   INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_state ON plan (state, id);

-- What a plan does, item by item, many in a row. Owner: package action.
CREATE TABLE plan_item (
  plan_id INTEGER NOT NULL,
  first   INTEGER NOT NULL,               -- number of the first item in the row
  data    BLOB NOT NULL,                  -- compressed JSON: a list of items
  PRIMARY KEY (plan_id, first)
) STRICT;

-- What was chosen for items with a conflict, after the plan was made; item 0 is all others.
CREATE TABLE plan_choice (
  plan_id INTEGER NOT NULL,
  item    INTEGER NOT NULL,
  choice  TEXT NOT NULL,
  PRIMARY KEY (plan_id, item)
) STRICT, WITHOUT ROWID;

-- What a plan's action keeps beside the items: what the preview saw, as it packs it.
CREATE TABLE plan_kept (
  plan_id INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  data    BLOB NOT NULL,
  PRIMARY KEY (plan_id, n)
) STRICT;

-- What was not done, and why.
CREATE TABLE plan_failure (
  plan_id INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  item    INTEGER NOT NULL,
  path    BLOB NOT NULL,
  skipped INTEGER NOT NULL,               -- 1: as it was chosen to be
  kind    TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (plan_id, n)
) STRICT, WITHOUT ROWID;

-- What committing plans changed, many steps in a row: first what is about to be
-- done, then what was. Owner: package action.
CREATE TABLE journal (
  plan_id INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  open    INTEGER NOT NULL,               -- 1: about to be done; a crash leaves it so. 2: half done, to be gone on with
  steps   INTEGER NOT NULL,
  data    BLOB NOT NULL,                  -- compressed JSON, in the words of the plan's action
  PRIMARY KEY (plan_id, n)
) STRICT;
CREATE INDEX journal_open ON journal (plan_id) WHERE open <> 0;

-- How fast files were written from one volume to another. Owner: package fileops.
CREATE TABLE pace (
  from_volume TEXT NOT NULL,              -- identity
  to_volume   TEXT NOT NULL,              -- identity
  verified    INTEGER NOT NULL,           -- 1: and read back
  file_s      REAL NOT NULL,              -- seconds that a file takes, beside its bytes
  byte_s      REAL NOT NULL,              -- seconds that a byte takes
  measured_s  REAL NOT NULL,              -- for how long it was measured
  updated_ns  INTEGER NOT NULL,
  PRIMARY KEY (from_volume, to_volume, verified)
) STRICT, WITHOUT ROWID;

-- Files that are being uploaded, and how far they have come. Owner: package fileops/upload.
CREATE TABLE upload (
  id         INTEGER PRIMARY KEY,         -- random: nobody who knew one of another database means this
  volume     TEXT NOT NULL,               -- identity of the volume
  folder     BLOB NOT NULL,               -- where they belong, a path of the volume
  stage      TEXT NOT NULL,               -- private name, in that, of the folder that holds them until then
  plan_id    INTEGER NOT NULL,            -- the plan that gives them their names; 0: not all is there
  created_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL             -- when something came last
) STRICT;

CREATE TABLE upload_file (
  upload_id   INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  path        TEXT NOT NULL,              -- below the folder
  size        INTEGER NOT NULL,           -- -1: a folder
  modified_ns INTEGER NOT NULL,           -- 0: not told
  got         INTEGER NOT NULL,           -- bytes that are there
  done        INTEGER NOT NULL,           -- 1: all of it was read back, and is as it was sent
  PRIMARY KEY (upload_id, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX upload_file_path ON upload_file (upload_id, path);

CREATE TABLE upload_chunk (
  upload_id INTEGER NOT NULL,
  n         INTEGER NOT NULL,             -- of the file
  offset    INTEGER NOT NULL,
  sum       BLOB NOT NULL,                -- SHA-256 of the bytes, as they were sent
  PRIMARY KEY (upload_id, n, offset)
) STRICT, WITHOUT ROWID;
