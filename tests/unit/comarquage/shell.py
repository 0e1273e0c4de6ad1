# SPDX-License-Identifier: GPL-3.0-or-later
"""The least page that a filled sheet can stand in."""

from html import escape

STYLE = """
body{font:1rem/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1c1c1c}
a{color:#0b4a8f}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.table{overflow:auto}td,th{border:1px solid #777;padding:.3rem}
.breadcrumb li{display:inline;margin-right:1rem}li,summary,dt,dd{padding:.25rem 0}
"""


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
