-- One release of one audience.  Written once, opened read-only and immutable.
CREATE TABLE page (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
  day TEXT, canonical TEXT NOT NULL, digest TEXT NOT NULL, themes TEXT NOT NULL,
  html TEXT NOT NULL
);
CREATE TABLE step (id TEXT, path TEXT, html TEXT NOT NULL, PRIMARY KEY (id, path)) WITHOUT ROWID;
CREATE TABLE moved (old TEXT PRIMARY KEY, new TEXT, url TEXT) WITHOUT ROWID;
CREATE TABLE node (number INTEGER PRIMARY KEY, parent INTEGER, id TEXT, kind TEXT, title TEXT);
CREATE TABLE term (id TEXT PRIMARY KEY, title TEXT, sorting TEXT, html TEXT) WITHOUT ROWID;
CREATE TABLE change (
  noticed TEXT, id TEXT, what TEXT, title TEXT, themes TEXT, PRIMARY KEY (noticed, id)
) WITHOUT ROWID;
CREATE TABLE link (url TEXT PRIMARY KEY, pages TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE found (number INTEGER PRIMARY KEY, id TEXT, kind TEXT, title TEXT);
CREATE VIRTUAL TABLE words USING fts5(
  title, description, body, content='', tokenize="unicode61 remove_diacritics 2"
);
