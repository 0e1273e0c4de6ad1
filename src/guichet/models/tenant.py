# SPDX-License-Identifier: GPL-3.0-or-later
"""A collectivity with a desk, and the name at which it is."""

from __future__ import annotations

from django.db import models


class Host(models.Model):
    """Which tenant a host name is of.

    The one table without row security: it is asked before anybody knows whose request it is, and
    holds nothing but names of the DNS.  The application may only read it.  A desk that moved keeps
    its former names, which lead to the new one: links that were mailed stay good.
    """

    name = models.CharField(max_length=253, primary_key=True)
    siren = models.CharField(max_length=9, db_index=True)

    class Meta:
        """Its table."""

        db_table = "guichet_host"

    def __str__(self) -> str:
        return self.name


class Tenant(models.Model):
    """A collectivity: its SIREN is its key, here as everywhere else in Bastide.

    `body` is what the share said last, `origin` of everything here is YAML; the banner's bytes
    are apart from it.
    """

    siren = models.CharField(max_length=9, primary_key=True)
    slug = models.CharField(max_length=100)
    host = models.CharField(max_length=253, unique=True)
    name = models.CharField(max_length=200)
    open = models.BooleanField(default=True)
    body = models.JSONField(default=dict)
    banner = models.BinaryField(null=True)
    banner_type = models.CharField(max_length=20, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Its table."""

        db_table = "guichet_tenant"

    def __str__(self) -> str:
        return self.name


class Tenanted(models.Model):
    """What every other table begins with."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        """No table of its own."""

        abstract = True
