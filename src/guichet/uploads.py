# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads stay in memory and are cut off at a size: nothing that was not scanned meets a disk."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MOST = 10_000_000  # bytes of one file, the largest that a definition may allow
MOST_TOGETHER = 52_000_000  # bytes of one form


class Bounded(FileUploadHandler):
    """Keeps up to MOST + 1 bytes of each file: one more shows that it is too large."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.kept = io.BytesIO()
        self.together = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what is still of use."""
        self.together += len(raw_data)
        if self.together > MOST_TOGETHER:
            raise StopUpload(connection_reset=True)
        if start <= MOST:
            self.kept.write(raw_data[: MOST + 1 - start])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file; its size is that which was sent."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )
