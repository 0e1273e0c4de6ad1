# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation of Cloudflare in a process of its own: ``cloudflare_served.py LATENCY``.

It prints its address; then each line that it is sent is answered by the number of requests since
the line before, and by how many of them were for records.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "cloudflare"))

from cloudflare_fake import FakeCloudflare
from cloudflare_server import serving

fake = FakeCloudflare()
with serving(fake, float(sys.argv[1])) as url:
    print(url, flush=True)
    for _line in sys.stdin:
        of_records = sum("/dns_records" in one for one in fake.seen)
        print(len(fake.seen), of_records, flush=True)
        fake.seen.clear()
