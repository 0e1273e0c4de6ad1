# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's sessions in a table that carries the tenant (SESSION_ENGINE)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.utils import timezone

from guichet.tenancy.scope import current


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(SessionBase):
    """As django.contrib.sessions.backends.db, for the tenant of the request."""

    def _rows(self) -> Any:
        from guichet.models import Session

        return Session.objects.filter(tenant=current())

    def load(self) -> dict[str, Any]:
        """The content of the session; empty, and with a new key, when there is none."""
        key = self.session_key
        found = key and self._rows().filter(key=_digest(key), until__gt=timezone.now()).first()
        if not found:
            self._session_key = None
            return {}
        return self.decode(found.data)

    def exists(self, session_key: str) -> bool:
        """Whether there is such a session."""
        return bool(self._rows().filter(key=_digest(session_key)).exists())

    def create(self) -> None:
        """Begin a session under a new key."""
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Write the session."""
        if self.session_key is None:
            self.create()
            return
        text = self.encode(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        until = timezone.now() + dt.timedelta(seconds=self.get_expiry_age())
        rows, key = self._rows(), _digest(self.session_key)
        if must_create:
            _, made = rows.get_or_create(
                tenant_id=current(), key=key, defaults={"data": text, "until": until}
            )
            if not made:
                raise CreateError
        elif not rows.filter(key=key).update(data=text, until=until):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key:
            self._rows().filter(key=_digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Remove those that are over, of the current tenant."""
        from guichet.models import Session

        Session.objects.filter(tenant=current(), until__lt=timezone.now()).delete()
