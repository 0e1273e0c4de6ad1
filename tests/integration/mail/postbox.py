# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain with mailboxes, filled by hand in the form that bastide_mail_directory writes."""

import email.message
import email.utils
import uuid

DOMAIN = "essai-courrier.example"
ANNE, BRUNO = f"anne@{DOMAIN}", f"bruno@{DOMAIN}"
KEPT, BOUNCED, FULL = f"garde@{DOMAIN}", f"rejet@{DOMAIN}", f"pleine@{DOMAIN}"
MAIRIE = f"mairie@{DOMAIN}"
ZOE = f"zoe-{uuid.uuid4().hex[:8]}@{DOMAIN}"
"""Sends until she is stopped: nobody else writes as her, and no run before has counted her."""
PASSWORD = "un mot de passe d'essai"

FILL = """
import json, os, sqlite3, subprocess, sys, uuid
facts = json.loads(sys.argv[1])
domain, siren, mail = facts["domain"], "000000000", "/var/lib/bastide/mail"
base = sqlite3.connect(f"{mail}/directory.db")
hashed = subprocess.run(["doveadm", "pw", "-s", "SHA512-CRYPT", "-p", facts["password"]],
                        capture_output=True, text=True, check=True).stdout.strip()
with base:
    base.execute("DELETE FROM mailbox WHERE domain = ?", [domain])
    base.execute("INSERT OR REPLACE INTO domain VALUES (?, ?, 'b2026', '2026')", [domain, siren])
    for address, state, delivery, quota in facts["mailboxes"]:
        base.execute(
            "INSERT INTO mailbox (uuid, address, domain, siren, state, delivery, quota, password,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2026-01-01')",
            [uuid.uuid4().hex, address, domain, siren, state, delivery, quota, hashed])
for name, lines in facts["maps"].items():
    source = f"{mail}/maps/.{name}"
    with open(source, "w") as file:
        file.writelines(f"{key} {value}\\n" for key, value in lines.items())
    subprocess.run(["postmap", f"cdb:{source}"], check=True)
    os.chmod(source + ".cdb", 0o644)
    os.rename(source + ".cdb", f"{mail}/maps/{name}.cdb")
    os.remove(source)
key = f"{mail}/dkim/{domain}.b2026.key"
if not os.path.exists(key):
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    subprocess.run(["chown", "root:_rspamd", key], check=True)
    os.chmod(key, 0o640)
with open(f"{mail}/maps/.selectors", "w") as file:
    file.write(f"{domain} b2026\\n")
os.chmod(f"{mail}/maps/.selectors", 0o644)
os.rename(f"{mail}/maps/.selectors", f"{mail}/maps/dkim_selectors.map")
subprocess.run(["doveadm", "auth", "cache", "flush"], check=True, capture_output=True)
# trivial-rewrite looks at its maps every ten seconds only: until then, mail for a domain that is
# new would be sent out into the world.
subprocess.run(["postfix", "reload"], check=True, capture_output=True)
"""


def message(sender, recipient):
    one = email.message.EmailMessage()
    one["From"], one["To"], one["Subject"] = sender, recipient, uuid.uuid4().hex
    # Without them a message begins to look like spam.
    one["Date"] = email.utils.formatdate(usegmt=True)
    one["Message-ID"] = email.utils.make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    one.set_content("Bonjour depuis le laboratoire.\n")
    return one


def send(smtp, one, sender=None):
    smtp.login(ANNE, PASSWORD)
    smtp.send_message(one, from_addr=sender)


def answer_to(smtp, one, sender=None):
    """Code and text of the first step that refuses `one`, else of its end."""
    smtp.ehlo_or_helo_if_needed()
    for step, said in ((smtp.mail, sender or one["From"]), (smtp.rcpt, one["To"])):
        code, text = step(said)
        if code != 250:
            return code, text.decode()
    code, text = smtp.data(one.as_bytes())
    return code, text.decode()
