# SPDX-License-Identifier: GPL-3.0-or-later
"""One file in, everything that depends on that file alone out: two pure functions.

`examine` takes it through documents, schema, model and local rules; the first that finds
an error ends the way.  `compile` goes on to the desired state, for files without errors:
checking a merge request need not compile a fleet.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bastide.conformity.predict import predict_compiled
from bastide.conformity.serving import serving_of
from bastide.desired import share_line
from bastide.desired.compiler import Compiler
from bastide.diagnostics import Diagnostic, diagnose, has_errors
from bastide.documents import Attachments, Document, read_file
from bastide.fleet.rows import CompiledRow, pack
from bastide.model import Facts, Platform, build_collectivity, facts_of
from bastide.rules import Context, Finding, check_local
from bastide.schema import Schemas


class Examined(NamedTuple):
    """What one file says.  `facts` is None when it cannot be read as a collectivity."""

    diagnostics: list[Diagnostic]
    facts: Facts | None

    def packed(self) -> bytes:
        """As the cache keeps it; :func:`bastide.fleet.rows.unpack_head` is the way back."""
        return marshal.dumps((pack(self.diagnostics), self.facts.pack() if self.facts else None))


class Examiner:
    """Examines files against one set of schemas and one platform."""

    def __init__(
        self,
        schemas: Schemas,
        platform: Platform | None,
        name_of: Callable[[str], str | None],
        attachments: Attachments | None = None,
    ) -> None:
        attachments = attachments or Attachments()
        self._schemas = schemas
        self._platform = platform
        self._compiler = Compiler(platform, attachments) if platform else None
        self._serving = serving_of(platform) if platform else None
        self._has_groupware = bool(platform and platform.mail.zimbra)
        self._has_certificates = bool(platform and platform.tls.mode == "acme")
        self._has_desks = bool(platform and platform.guichet)
        self._context = Context(platform, schemas.catalogues(), attachments) if platform else None
        self._name_of = name_of

    def examine(self, slug: str, path: Path, file: str) -> Examined:
        """Everything the file says by itself; `file` is its name in diagnostics."""
        document, diagnostics = read_file(path, file)
        if document is None:
            return Examined(diagnostics, None)
        diagnostics = [*diagnostics, *self._schemas.check_collectivity(document)]
        if has_errors(diagnostics):
            return Examined(diagnostics, None)
        # Lines are for origins, which only the compiled state has.
        collectivity = build_collectivity(slug, file, document.data, lambda _path: 0)
        if self._context is not None:
            findings = check_local(collectivity, self._context)
            if findings:
                diagnostics += to_diagnostics(document, findings)
        return Examined(diagnostics, facts_of(collectivity))

    def compile(self, slug: str, path: Path, file: str, blob: str) -> CompiledRow:
        """What a file without errors asks for, in the form of the cache."""
        document, _ = read_file(path, file)
        if document is None or not (self._platform and self._compiler and self._serving):
            raise ValueError(f"{file} has errors")
        collectivity = build_collectivity(slug, file, document.data, document.line)
        title = self._name_of(collectivity.siren) or slug.rpartition("/")[2]
        compiled = self._compiler.compile(collectivity, title)
        evidence = predict_compiled(collectivity, compiled, self._platform, self._serving)
        return CompiledRow(
            slug,
            blob,
            marshal.dumps({address: tuple(o) for address, o in compiled.origins.items()}),
            share_line(compiled, "mail"),
            share_line(compiled, "dns"),
            share_line(compiled, "web"),
            share_line(compiled, "tls") if self._has_certificates else b"",
            share_line(compiled, "groupware") if self._has_groupware else b"",
            share_line(compiled, "desk") if self._has_desks else b"",
            b"" if collectivity.retired else marshal.dumps(evidence.pack()),
        )


def to_diagnostics(document: Document, findings: list[Finding]) -> list[Diagnostic]:
    """Findings with their line and column in `document`."""
    result = []
    for finding in findings:
        line, column = document.position(finding.path, finding.at)
        facts: dict[str, Any] = dict(finding.facts)
        result.append(diagnose(finding.kind, document.name, line, column, finding.path, **facts))
    return result
