# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive brought here: over https with If-Modified-Since and a limit, or from a local file."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from comarquage.config import Config
from comarquage.messages import Refused, declare, found

AGENT = "bastide-comarquage (+https://www.service-public.gouv.fr/partenaires/comarquage)"
_TIMEOUT = 60  # seconds without a byte
_CHUNK = 1 << 16
_NOT_MODIFIED = 304

NOT_FETCHED = declare(
    "G020",
    "error",
    en="could not be fetched: {why}",
    fr="n’a pas pu être téléchargé : {why}",
    hint_en="what is served stays; the next run tries again",
    hint_fr="ce qui est servi reste ; la prochaine exécution réessaiera",
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archive that is here: `fresh` when it was brought by this run, with its validators."""

    path: Path
    fresh: bool
    modified: str = ""
    etag: str = ""


def _source(config: Config, name: str) -> str:
    return config.directory if name == "directory" else config.sources[name]


class _SameSchemeOnly(urllib.request.HTTPRedirectHandler):
    """Redirections are followed over https alone."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse what leads to another scheme than that of the request."""
        if newurl.partition(":")[0] != req.full_url.partition(":")[0]:
            raise urllib.error.URLError(f"redirected to {newurl[:80]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetched(config: Config, audience: str, validators: dict[str, str]) -> Fetched:
    """The archive of `audience`, or the ``directory``.  Raises Refused.

    A download goes to ``downloads/<audience>.new``; it takes the place of the last good one
    only after its release is served (:func:`accepted`).
    """
    source = _source(config, audience)
    if source.startswith("file:"):
        path = Path(source.removeprefix("file:").removeprefix("//"))
        if not path.is_file():
            raise Refused(found(NOT_FETCHED, source, why="no such file"))
        return Fetched(path, fresh=True)
    kept = config.folder / "downloads" / f"{audience}.archive"
    request = urllib.request.Request(source, headers={"User-Agent": AGENT})  # noqa: S310 - scheme checked by config
    if kept.is_file() and validators.get("source") == source:
        if validators.get("modified"):
            request.add_header("If-Modified-Since", validators["modified"])
        if validators.get("etag"):
            request.add_header("If-None-Match", validators["etag"])
    try:
        with urllib.request.build_opener(_SameSchemeOnly).open(request, timeout=_TIMEOUT) as answer:
            return _written(config, audience, answer)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == _NOT_MODIFIED and kept.is_file():
                return Fetched(
                    path=kept,
                    fresh=False,
                    modified=validators.get("modified", ""),
                    etag=validators.get("etag", ""),
                )
            why = f"HTTP {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = str(error) or type(error).__name__
    raise Refused(found(NOT_FETCHED, source, why=why))


def _written(config: Config, audience: str, answer: http.client.HTTPResponse) -> Fetched:
    source = _source(config, audience)
    limits = config.limits
    megabytes = limits.directory_megabytes if audience == "directory" else limits.archive_megabytes
    limit = megabytes * 1_000_000
    said = answer.headers.get("Content-Length")
    new = config.folder / "downloads" / f"{audience}.new"
    new.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with new.open("wb") as out:
        while chunk := answer.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused(found(NOT_FETCHED, source, why=f"more than {limit} bytes"))
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if said is not None and said.isdecimal() and int(said) != size:
        raise Refused(found(NOT_FETCHED, source, why=f"{size} bytes of {said}"))
    headers = answer.headers
    return Fetched(
        path=new,
        fresh=True,
        modified=headers.get("Last-Modified", ""),
        etag=headers.get("ETag", ""),
    )


def accepted(audience: str, archive: Fetched) -> None:
    """Keep a download as the last good one, for when the next answer is ``not modified``."""
    if archive.path.name == f"{audience}.new":
        archive.path.replace(archive.path.with_name(f"{audience}.archive"))
