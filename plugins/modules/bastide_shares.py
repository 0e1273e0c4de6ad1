#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a host its shares; what does it is the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_shares
short_description: Bring a host its shares of the desired state
version_added: "0.1.0"
description:
  - Puts each share into a folder of the host, under the name of its service and its digest, so
    that a plan and an apply that run at the same time never read each other's.
  - A share is there whole or not at all; one that was damaged since is brought again.
  - The pictures that a share of the desk names by their SHA-256 are put into C(assets) beside it.
  - Shares and pictures that nobody asked for in a day are removed.
  - In check mode too, since shares are input, not state.
options:
  shares:
    description: By service (V(desk), V(dns), V(mail), V(tls), V(web)), C(path) on the control
      node and C(digest), the hexadecimal SHA-256 of its content.
    type: dict
    required: true
  folder:
    description: Where they are put; it exists.
    type: path
    default: /var/lib/bastide/desired
attributes:
  check_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Bring the shares
  bastide_shares:
    shares: "{{ bastide_shares }}"
"""

RETURN = r"""
brought:
  description: Services whose share was not there yet, sorted.
  returned: success
  type: list
  elements: str
"""
