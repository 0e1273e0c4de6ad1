-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Two databases: what users make (sogo), which is backed up, and who they are (bastide_groupware), which
-- groupware_users.py fills from the mail directory and SOGo can only read. Every statement can be run again.
-- Nobody has a password: the system's user sogo is the database's (unix_socket). Not a collation that ends in _bin:
-- SOGo would take texts for bytes, and fail (501).
CREATE DATABASE IF NOT EXISTS sogo CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE DATABASE IF NOT EXISTS bastide_groupware CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;

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
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON sogo.* TO 'sogo'@'localhost';
GRANT SELECT ON bastide_groupware.* TO 'sogo'@'localhost';

-- Who may see whose calendars and address books; SOGo would make the same table. It lets anybody be named there, and
-- "any authenticated user" is one of any collectivity, so the database refuses what crosses the border: the first
-- part of c_object is the owner, and both must be of one tenant.
CREATE TABLE IF NOT EXISTS sogo.sogo_acl (
    c_folder_id INT          NOT NULL,
    c_object    VARCHAR(255) NOT NULL,
    c_uid       VARCHAR(255) NOT NULL,
    c_role      VARCHAR(80)  NOT NULL,
    KEY sogo_acl_c_folder_id_idx (c_folder_id),
    KEY sogo_acl_c_uid_idx (c_uid)
) ENGINE = InnoDB;

DELIMITER //
CREATE OR REPLACE TRIGGER sogo.within_one_collectivity BEFORE INSERT ON sogo.sogo_acl FOR EACH ROW
IF NEW.c_role <> 'None' AND NOT EXISTS (
    SELECT 1 FROM bastide_groupware.bastide_users o JOIN bastide_groupware.bastide_users r ON r.tenant = o.tenant
    WHERE o.c_uid = SUBSTRING_INDEX(SUBSTRING(NEW.c_object, 2), '/', 1) AND r.c_uid = NEW.c_uid
) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'shared with somebody of another collectivity';
END IF //
CREATE OR REPLACE TRIGGER sogo.still_within_one_collectivity BEFORE UPDATE ON sogo.sogo_acl FOR EACH ROW
IF NEW.c_uid <> OLD.c_uid OR NEW.c_object <> OLD.c_object THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a share is made anew, not handed on';
END IF //
DELIMITER ;
