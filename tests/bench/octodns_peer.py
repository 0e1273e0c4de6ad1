# SPDX-License-Identifier: GPL-3.0-or-later
"""octoDNS beside Bastide: the same zones, in its own YAML, in an environment of its own.

Its YamlProvider is both source and target, so that no network and no API is measured.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from measure import WORK, call, script

VERSION = "1.22.0"
_CONFIG = """\
providers:
  charters: {{class: octodns.provider.yaml.YamlProvider, directory: {zones}, default_ttl: 3600}}
  served: {{class: octodns.provider.yaml.YamlProvider, directory: {served}, default_ttl: 3600,
           supports_root_ns: true}}
zones:
"""
_ZONE = "  {zone}: {{sources: [charters], targets: [served]}}\n"


def zones_of(root: Path) -> Path:
    """octoDNS' configuration of one zone for each charter of `root`, made once.

    One of its two: what octoDNS needs grows with the square of the zones, and would be minutes.
    """
    config = WORK / f"octodns-{root.name}.yml"
    if not config.exists():
        script("controller_side.py", root)
        _export(root, config)
    return config


def validate(config: Path) -> list[str]:
    """Command that validates every zone."""
    return [str(_tools() / "octodns-validate"), "--config-file", str(config)]


def plan_one(config: Path) -> list[str]:
    """Command that plans the first zone and no other."""
    first = min(path.name for path in _folder(config).iterdir()).removesuffix("yaml")
    return [str(_tools() / "octodns-sync"), "--config-file", str(config), first]


def plan_all(config: Path) -> list[str]:
    """Command that plans every zone, against none that is served."""
    return [str(_tools() / "octodns-sync"), "--config-file", str(config)]


def _tools() -> Path:
    """Where its commands are; installed on the first call."""
    folder = WORK / f"octodns-{VERSION}"
    if not (folder / "bin" / "octodns-sync").exists():
        print(f"Installing octodns {VERSION} from PyPI, for comparison")
        call([sys.executable, "-m", "venv", str(folder)], WORK)
        call([str(folder / "bin" / "pip"), "install", "--quiet", f"octodns=={VERSION}"], WORK)
    return folder / "bin"


def _folder(config: Path) -> Path:
    return config.with_name(f"{config.stem}-zones")


def _export(root: Path, config: Path) -> None:
    folder, served = _folder(config), config.with_name(f"{config.stem}-served")
    for one in (folder, served):
        one.mkdir(parents=True, exist_ok=True)
    names = []
    for share in root.glob(".bastide/lab/shares/*/dns.jsonl"):
        for line in share.read_text("ascii").splitlines()[1:]:
            resource = json.loads(line)["resources"][0]
            zone = resource["address"].removeprefix("zone:") + "."
            names.append(zone)
            text = yaml.dump(_records(zone, resource["body"]), Dumper=yaml.CSafeDumper)
            (folder / f"{zone}yaml").write_text(text, encoding="utf-8")
    lines = [_ZONE.format(zone=name) for name in sorted(names)]
    head = _CONFIG.format(zones=folder, served=served)
    config.write_text(head + "".join(lines), encoding="utf-8")


def _records(zone: str, body: dict) -> dict:
    """A zone's record sets as octoDNS writes them; a DKIM key that is still to come is left out."""
    records: dict[str, list[dict]] = {}
    for rrset in body["rrsets"]:
        if "rdata" in rrset:
            name = rrset["name"].removesuffix(zone).removesuffix(".")
            record = {"type": rrset["type"], "ttl": rrset["ttl"]}
            records.setdefault(name, []).append(record | values_of(rrset))
    return records


def values_of(rrset: dict) -> dict:
    """The values of a record set as octoDNS writes them."""
    match rrset["type"]:
        case "MX":
            pairs = [text.split() for text in rrset["rdata"]]
            return {"values": [{"preference": int(p), "exchange": e} for p, e in pairs]}
        case "SRV":
            names = ("priority", "weight", "port")
            parts = [text.split() for text in rrset["rdata"]]
            return {
                "values": [
                    {**dict(zip(names, map(int, p[:3]), strict=True)), "target": p[3]}
                    for p in parts
                ]
            }
        case "CAA":
            parts = [text.split(maxsplit=2) for text in rrset["rdata"]]
            return {
                "values": [{"flags": int(f), "tag": t, "value": v.strip('"')} for f, t, v in parts]
            }
        case "TXT":
            return {"values": [t.strip('"').replace(";", "\\;") for t in rrset["rdata"]]}
        case "CNAME":
            return {"value": rrset["rdata"][0]}
        case _:
            return {"values": rrset["rdata"]}
