-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The mail directory of one host: /var/lib/bastide/mail/directory.db (SQLite, WAL).
-- Written by the bulk module bastide_mail_directory alone; Dovecot reads it by SQL; Postfix never
-- opens it (it reads CDB maps compiled from it). Every statement can be run again without effect.
--
-- WAL is kept in the file itself, so setting it once is enough. Readers need write access to the
-- directory for the -shm file: Dovecot's auth workers run as root.
PRAGMA journal_mode = WAL;

BEGIN IMMEDIATE;

-- A domain this host accepts mail for, and the selector of its DKIM key.
CREATE TABLE IF NOT EXISTS domain (
    name       TEXT PRIMARY KEY,
    siren      TEXT NOT NULL,
    selector   TEXT NOT NULL,
    created_at TEXT NOT NULL                 -- ISO 8601, UTC
);
CREATE INDEX IF NOT EXISTS domain_siren ON domain (siren);

-- A mailbox is its uuid: mail lies under /srv/mail/<first 2 hex>/<uuid>, so that an address made
-- again never inherits the mail of its former holder. Rows are never deleted.
CREATE TABLE IF NOT EXISTS mailbox (
    uuid         TEXT PRIMARY KEY,
    address      TEXT NOT NULL UNIQUE,
    domain       TEXT NOT NULL,
    siren        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery     TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    quota        INTEGER NOT NULL,           -- bytes
    password     TEXT,                       -- {BLF-CRYPT}…, {SHA512-CRYPT}…; NULL: cannot log in
    declared     INTEGER NOT NULL DEFAULT 1, -- 0: left the charter, kept suspended
    suspended_at TEXT,                       -- ISO 8601, UTC
    created_at   TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mailbox_siren ON mailbox (siren);
CREATE INDEX IF NOT EXISTS mailbox_domain ON mailbox (domain);

-- An address that is only a redirection. Holds no data, so rows follow the charter.
CREATE TABLE IF NOT EXISTS alias (
    address TEXT PRIMARY KEY,
    domain  TEXT NOT NULL,
    siren   TEXT NOT NULL,
    targets TEXT NOT NULL                    -- JSON list of addresses, sorted
);
CREATE INDEX IF NOT EXISTS alias_siren ON alias (siren);
CREATE INDEX IF NOT EXISTS alias_domain ON alias (domain);

-- Collaborative mailboxes: what the groupware's table of users is made from. One that is classic again stays, with
-- active 0, because its calendars do.
CREATE TABLE IF NOT EXISTS groupware (
    uuid   TEXT PRIMARY KEY,                 -- of the mailbox
    active INTEGER NOT NULL
);
-- A mailbox that another server holds (the groupware): mail for it is taken in, filtered and passed on to `host`. Rows are
-- never deleted either: what leaves the charter goes on being passed on, to an account that is suspended there.
CREATE TABLE IF NOT EXISTS relay (
    address  TEXT PRIMARY KEY,
    siren    TEXT NOT NULL,
    host     TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    declared INTEGER NOT NULL DEFAULT 1      -- 0: left the charter
);

-- A mailbox that another mail host of the platform holds: mail for it is taken in, filtered and passed on to `host`,
-- a name, and logins are brought there. Rows are never deleted, but by a rename on the holder.
CREATE TABLE IF NOT EXISTS remote (
    address  TEXT PRIMARY KEY,
    siren    TEXT NOT NULL,
    host     TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
    delivery TEXT NOT NULL CHECK (delivery IN ('keep', 'bounce')),
    declared INTEGER NOT NULL DEFAULT 1      -- 0: left the charter
);

-- A link on which a user chooses the mailbox's password. What the link holds is kept nowhere: `token` is the SHA-256
-- of it. Written by bastide_mail_invitation and by the helper of the role mail_credentials.
CREATE TABLE IF NOT EXISTS invitation (
    token      TEXT PRIMARY KEY,             -- 64 hex digits
    uuid       TEXT NOT NULL,                -- of the mailbox
    created_at TEXT NOT NULL,                -- ISO 8601, UTC
    expires_at TEXT NOT NULL,
    ended      TEXT CHECK (ended IN ('used', 'replaced')),
    ended_at   TEXT
);
CREATE INDEX IF NOT EXISTS invitation_uuid ON invitation (uuid);

-- Facts about the file itself: schema version, digest of the last share, …
CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT OR IGNORE INTO meta (key, value) VALUES ('schema', '1');

-- Collectivities in whom bastide_mail_directory found nothing left to do; `line` is the digest of what the share said of
-- them. Holds only for the revision that is noted beside (settled in meta); can be emptied at any time.
CREATE TABLE IF NOT EXISTS settled (
    siren  TEXT PRIMARY KEY,
    line   TEXT NOT NULL,
    totals TEXT NOT NULL                     -- JSON: what it has, by kind
);

-- How often something changed that a run looks at, and that Postfix's tables are compiled from: whoever writes, also
-- by hand, bumps it, so that a run sees what it has to look at. bastide_mail_directory puts right what is missing.
CREATE TABLE IF NOT EXISTS revision (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    surveyed INTEGER NOT NULL,
    compiled INTEGER NOT NULL
);
INSERT OR IGNORE INTO revision (id, surveyed, compiled) VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS domain_insert AFTER INSERT ON domain BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS domain_delete AFTER DELETE ON domain BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS domain_surveyed AFTER UPDATE OF name, siren, selector ON domain BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS domain_compiled AFTER UPDATE OF name, selector ON domain BEGIN UPDATE revision SET compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS mailbox_insert AFTER INSERT ON mailbox BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS mailbox_delete AFTER DELETE ON mailbox BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS mailbox_surveyed AFTER UPDATE OF uuid, address, siren, state, delivery, quota, declared, created_at ON mailbox BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS mailbox_compiled AFTER UPDATE OF address, siren, state, delivery, declared ON mailbox BEGIN UPDATE revision SET compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS alias_insert AFTER INSERT ON alias BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS alias_delete AFTER DELETE ON alias BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS alias_surveyed AFTER UPDATE OF address, siren, targets ON alias BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS alias_compiled AFTER UPDATE OF address, siren, targets ON alias BEGIN UPDATE revision SET compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS groupware_insert AFTER INSERT ON groupware BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS groupware_delete AFTER DELETE ON groupware BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS groupware_surveyed AFTER UPDATE OF uuid, active ON groupware BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS relay_insert AFTER INSERT ON relay BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS relay_delete AFTER DELETE ON relay BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS relay_surveyed AFTER UPDATE OF address, siren, host, state, delivery, declared ON relay BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS relay_compiled AFTER UPDATE OF address, siren, host, state, delivery, declared ON relay BEGIN UPDATE revision SET compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS remote_insert AFTER INSERT ON remote BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS remote_delete AFTER DELETE ON remote BEGIN UPDATE revision SET surveyed = surveyed + 1, compiled = compiled + 1; END;
CREATE TRIGGER IF NOT EXISTS remote_surveyed AFTER UPDATE OF address, siren, host, state, delivery, declared ON remote BEGIN UPDATE revision SET surveyed = surveyed + 1; END;
CREATE TRIGGER IF NOT EXISTS remote_compiled AFTER UPDATE OF address, siren, host, state, delivery, declared ON remote BEGIN UPDATE revision SET compiled = compiled + 1; END;

COMMIT;
