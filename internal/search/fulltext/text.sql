-- What is found by words: derived data, which can be lost at any time.

-- The life of this file: its stamp is another one after it was lost.
CREATE TABLE life (stamp INTEGER NOT NULL) STRICT;

-- What is known of each content, by its id.
CREATE TABLE doc (
  id    INTEGER PRIMARY KEY,
  title TEXT NOT NULL,                            -- the document's own
  place TEXT NOT NULL,                            -- words of the name and folders of one of its copies: for its meaning alone
  body  BLOB NOT NULL                             -- its text, as one zstd frame with a checksum
) STRICT;

-- The words of all documents, cut up and folded before they come here: the
-- tokenizer only cuts at blanks. Words are merged in idle time.
CREATE VIRTUAL TABLE words USING fts5 (title, body, content = '', contentless_delete = 1, tokenize = 'ascii');
INSERT INTO words (words, rank) VALUES ('automerge', 0);

-- Documents whose vectors are to be made; turn changes whenever one is put.
CREATE TABLE pending (
  id   INTEGER PRIMARY KEY,
  turn INTEGER NOT NULL
) STRICT;
