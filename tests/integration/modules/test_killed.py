# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 in the middle of a bulk module, then the same run again: the end is the same."""

import random

import pytest
from shares import collectivity, rrset, share, zone

pytestmark = pytest.mark.lab

ROUNDS = 8
# Runs `before`, kills `after` at a part of its usual time, runs it again, and prints what
# the host then holds. Inside the container, so that the delay is not podman's.
SCRIPT = """
python3 /root/before.py > /dev/null
began=$(date +%s%N); python3 /root/after.py > /dev/null; took=$(( $(date +%s%N) - began ))
{fingerprint} > /root/wanted
killed=0
for part in {parts}; do
  {reset}
  python3 /root/before.py > /root/before.out
  python3 /root/after.py > /root/first.out & pid=$!
  sleep $(python3 -c "print($took * $part / 1e9)")
  if kill -9 $pid 2> /dev/null; then killed=$(( killed + 1 )); fi
  wait $pid || true
  python3 /root/after.py > /root/second.out
  {fingerprint} > /root/found
  if ! diff /root/wanted /root/found; then echo "part $part"; cat /root/second.out; exit 1; fi
  if ! python3 /root/after.py | tee /root/third.out | grep -q '"changed": false'; then
    echo "part $part: not at rest"; cat /root/third.out; exit 1
  fi
done
echo $killed
"""


def killed(host, module, service, before, after, fingerprint, reset=":"):
    """Kill the run from `before` to `after` at random points; how often it was met alive."""
    path = f"/root/{service}-%s.jsonl"
    for name, lines in (("before", before), ("after", after)):
        host.put(path % name, share(service, *lines))
        host.put(f"/root/{name}.py", host.payload(module, {"share": path % name}))
    random_parts = random.Random(46)
    parts = " ".join(f"{random_parts.uniform(0.05, 0.85):.3f}" for _ in range(ROUNDS))
    script = SCRIPT.format(parts=parts, fingerprint=fingerprint, reset=reset)
    return int(host.sh(script).split()[-1])


def siren(number):
    return f"2146{number:05d}"


def test_zones(ns):
    def fleet(numbers, address):
        for n in numbers:
            name = f"town{n}.fr"
            sets = [rrset(f"{name}.", "NS", "ns1.lab.test."), rrset(f"www.{name}.", "A", address)]
            yield collectivity(siren(n), [name], {f"zone:{name}": zone(*sets)})

    def retired(numbers):
        for n in numbers:
            yield collectivity(siren(n), [], retired_domains=[f"town{n}.fr"])

    before = [*fleet(range(20), "10.46.0.1"), *retired(range(20, 40))]
    after = [*retired(range(10)), *fleet(range(10, 40), "10.46.0.2")]
    fingerprint = "{ knotc zone-read -- | grep -v SOA | sort; ls /var/lib/knot/bastide/zones; }"
    assert killed(ns, "bastide_zones", "dns", before, after, fingerprint) >= 1


def test_mail_directory(mail):
    def fleet(numbers, quota, aliases):
        for n in numbers:
            name = f"town{n}.fr"
            resources = {f"maildomain:{name}": {"selector": "b2026"}}
            resources |= {
                f"mailbox:box{m}@{name}": {"quota": quota, "state": "active", "delivery": "keep"}
                for m in range(20)
            }
            resources |= {f"alias:a{m}@{name}": {"targets": [f"box{m}@{name}"]} for m in aliases}
            yield collectivity(siren(n), [name], resources)

    before = list(fleet(range(3), 1000, range(5)))
    after = [collectivity(siren(0), ["town0.fr"]), *fleet(range(1, 6), 2000, range(3, 9))]
    columns = "address, siren, state, delivery, quota, declared"
    fingerprint = f"""{{
    cd /var/lib/bastide/mail
    sqlite3 directory.db 'SELECT {columns} FROM mailbox ORDER BY 1; SELECT * FROM alias ORDER BY 1;
      SELECT name FROM domain ORDER BY 1'
    sha256sum maps/*; ls -A maps dkim; }}"""
    reset = "rm -f /var/lib/bastide/mail/directory.db* /var/lib/bastide/mail/dkim/town[345]*"
    module = "bastide_mail_directory"
    assert killed(mail, module, "mail", before, after, fingerprint, reset) >= 1


def test_web_pages(web):
    def fleet(numbers, line):
        for n in numbers:
            body = {"title": f"Town {n}", "kind": "holding", "language": "fr", "lines": [line]}
            resources = {
                f"page:www.town{n}.fr": body,
                f"redirect:town{n}.fr": {"to": f"https://www.town{n}.fr/{line}"},
            }
            yield collectivity(siren(n), [f"town{n}.fr"], resources)

    def without(numbers):
        for n in numbers:
            yield collectivity(siren(n), [f"town{n}.fr"])

    before = [*fleet(range(150), "one"), *without(range(150, 200))]
    after = [*without(range(50)), *fleet(range(50, 200), "two")]
    fingerprint = "{ cat /etc/nginx/bastide/*.map; cd /srv/pages; sha256sum */*; ls -A; }"
    assert killed(web, "bastide_web_pages", "web", before, after, fingerprint) >= 1
