-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Two databases: what users make (sogo), which is backed up, and who they are (bastide_groupware), which
-- groupware_users.py fills from the mail directory and SOGo can only read. Every statement can be run again.
-- Nobody has a password: the system's user sogo is the database's (unix_socket).
CREATE DATABASE IF NOT EXISTS sogo CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS bastide_groupware CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The columns bear the names that SOGo asks for. A calendar belongs to c_uid: the uuid of the mailbox, so that
-- one who takes an address over does not inherit it.
CREATE TABLE IF NOT EXISTS bastide_groupware.bastide_users (
    c_uid      CHAR(36)     NOT NULL PRIMARY KEY,
    c_name     CHAR(36)     NOT NULL,
    c_password VARCHAR(600) NOT NULL, -- as in the mail directory; {BLF-CRYPT}* lets nobody in
    c_cn       VARCHAR(320) NOT NULL,
    mail       VARCHAR(320) NOT NULL,
    tenant     CHAR(9)      NOT NULL, -- SIREN of the collectivity
    KEY mail (mail),
    KEY tenant (tenant)
) ENGINE = InnoDB;

CREATE USER IF NOT EXISTS 'sogo'@'localhost' IDENTIFIED VIA unix_socket;
GRANT ALL PRIVILEGES ON sogo.* TO 'sogo'@'localhost';
GRANT SELECT ON bastide_groupware.* TO 'sogo'@'localhost';
