-- What is found by words: derived of the texts beside it, and made anew from them
-- whenever it may not be what they are.

-- Whose texts these are, and whether words of dropped ones may still stand here.
CREATE TABLE life (
  library TEXT NOT NULL,
  purge   INTEGER NOT NULL
) STRICT;

-- The documents whose words stand here: the id of a content, and the hash by which
-- its text is known. An id alone proves nothing: another library counts from one, too.
CREATE TABLE doc (
  id   INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  mute INTEGER NOT NULL DEFAULT 0 -- 1: its vectors were made, and there are none: nothing in it has a meaning
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
