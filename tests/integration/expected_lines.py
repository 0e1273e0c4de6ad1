# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in the journals of a lab under test that are as they should be, each with its cause."""

from __future__ import annotations

from bastide.targets.journals import HARMLESS, Expected

_CONTAINER = (
    Expected(
        r"\(d-logind\)|systemd-logind|\(.*\)",
        r"ProtectHostname=yes is configured, but UTS namespace setup is prohibited",
        "a container keeps the host name that podman gave it",
        "each start of a machine of the lab",
    ),
    Expected(
        "dbus-daemon",
        r"AccessDenied: Failed to set fd limit to \d+: Operation not permitted",
        "a container keeps the limits that podman gave it",
        "each start of a machine of the lab",
    ),
    Expected(
        "dovecot",
        r"Warning: Time (?:moved forwards|jumped forwards|has been moved)",
        "a machine that shares two cores with its tests is not always scheduled in time",
        "load",
    ),
    Expected(
        "postfix/cleanup",
        r"^warning: (?:file system clock is \d seconds? ahead of local clock"
        r"|resetting file time stamps - this hurts performance)$",
        "the clock of the machine below was put right in mid-letter",
        "the machine that the lab runs on",
    ),
)

_TESTS = (
    Expected(
        "systemd",
        r"sogo\.service: (?:State '(?:stop|final)-sigterm' timed out\. Killing\."
        r"|Main process exited, code=killed, status=9/KILL|Failed with result 'timeout'\.)"
        r"|dovecot\.service: (?:State 'stop-sigterm' timed out\. Killing\."
        r"|Failed with result 'timeout'\.)",
        "a machine of the lab gives a service that stops five seconds, SOGo takes more",
        "mail/test_backup.py",
    ),
    Expected(
        "dovecot",
        r"^(?:log|imap|stats|lmtp)(?:\(\d+\))?: Warning: Killed with signal 15 \(by pid=\d+ uid=0",
        "a test killed what was at work",
        "mail/test_backup.py, mail/test_filter.py, mail/test_hosts.py",
    ),
    Expected(
        r"postfix/smtpd",
        r"^warning: (?:connect to|problem talking to server) private/quota-status:"
        r" Connection refused$",
        "mail waits while Dovecot is off, and that is what is tested",
        "mail/test_filter.py",
    ),
    Expected(
        "dovecot",
        r"^lmtp\(\S+: Error: (?:auth-master: userdb lookup\(\S+\): Auth USER lookup failed$"
        r"|lmtp-server: .*: Failed to lookup user \S+: Internal error occurred)",
        "a mailbox that is being moved: its mail waits in the queue",
        "mail/test_hosts.py",
    ),
    Expected(
        "dovecot",
        r"^doveadm\(\S+@moving\.invalid\)\S*: Error: "
        r"(?:dsync\(\S+\): |Timeout during state=|read\(\S+\) failed: EOF )",
        "the copying of a mailbox that was killed, or whose ends waited for each other",
        "mail/test_hosts.py",
    ),
    Expected(
        "dovecot",
        r"^auth: Error: (?:imapc?\(\S+\): (?:dns_lookup\(\S+\) failed: |Disconnected from server$)"
        r"|DNS lookup for \S+ failed: "
        r"|auth client \d+ disconnected with \d+ pending requests: EOF$)"
        r"|^auth: Warning: DNS lookup for \S+ took [0-9.]+ s$",
        "the other mail host, or a name server that knows it, is off, and that is what is tested",
        "test_charters_to_servers.py, test_bad_moments.py, test_secondaries.py",
    ),
    Expected(
        "knotd",
        r"^error: \[\S+\] control, error \(no such zone found\)$",
        "a zone that was just retired is asked for",
        "test_charters_to_servers.py",
    ),
    Expected(
        "bastide-certificates",
        r": no answer from the authority: ",
        "the authority is off, and that is what is tested; the timer came by",
        "test_certified_names.py",
    ),
    Expected(
        "knotd",
        r"^warning: \[\S+\] notify, outgoing, remote \S+, "
        r"(?:failed \(.*\)|server responded with error 'BADKEY')$",
        "a secondary that is off, or has not been brought the key yet",
        "the first start of the lab, test_secondaries.py, test_charters_to_servers.py",
    ),
    Expected(
        "knotd",
        r"^warning: \[catalog\.invalid\.\] refresh, incoming, remote \S+, "
        r"server responded with error 'SERVFAIL'$",
        "a secondary asks while the primary loads its catalog",
        "test_secondaries.py, test_bad_moments.py",
    ),
    Expected(
        "knotd",
        r"^error: \[\S+\] (?:member zone already configured by catalog"
        r"|duplicate addition/removal of the member node), ignoring$",
        "a secondary that was killed loads its catalog and gets it anew: members come twice",
        "test_lab_killed.py, test_secondaries.py, test_bad_moments.py",
    ),
    Expected(
        "systemd",
        r"knot\.service: (?:Main process exited, code=killed, status=9/KILL"
        r"|Failed with result 'signal'\.)",
        "a test killed the primary",
        "test_secondaries.py",
    ),
    Expected(
        "knotd",
        r"^warning: no zones loaded$",
        "a name server before its first zone",
        "the first start of the lab",
    ),
    Expected(
        r"postfix/(?:submission/)?smtpd",
        r"^warning: connect to Milter service inet:127\.0\.0\.1:11332: Connection refused$",
        "mail waits while the filter is off or reads its settings, and that is what is tested",
        "mail/test_submission.py, mail/test_filter.py; a mail host that a test stopped and started",
    ),
    Expected(
        "systemd",
        r"comarquage@status\.service: Failed with result 'exit-code'\."
        r"|^Failed to start comarquage@status\.service",
        "a test made the guide old, which is told so",
        "test_desk_host.py::test_a_guide_of_four_days_ago_is_a_failed_unit_and_a_line_of_the_journal",
    ),
    Expected(
        "roundcube",
        r"Peer certificate subjectAltName did not match expected name `autre\.info46\.com'"
        r"|stream_socket_client\(\): (?:Failed to enable crypto|Unable to connect to ssl://localhost)"
        r"|IMAP Error: Login failed for \S+ .*Could not connect to ssl://localhost:993",
        "a mail host that does not prove its name is not spoken to, or Dovecot is off",
        "mail/test_webmail.py::test_a_mail_host_that_does_not_prove_its_name_is_not_spoken_to",
    ),
)

EXPECTED: tuple[Expected, ...] = (*HARMLESS, *_CONTAINER, *_TESTS)
