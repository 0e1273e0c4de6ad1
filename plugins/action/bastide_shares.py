# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: brings a host its shares; the module of the same name holds its documentation.

Two commands of the shell for each share, most often one: the copy module starts Python on the host
twice for a file that is there already.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

_FOLDER = "/var/lib/bastide/desired"
_ABSENT = 3
# A share that nobody asked for in a day is that of a plan which nobody will apply any more.
_KEEP_MINUTES = 24 * 60

# $1 folder, $2 service, $3 SHA-256. A share in use is touched, so that its age is that of its use.
_LOOK = f"""
cd "$1" || exit 1
[ "$(sha256sum < "$2-$3.jsonl" | cut -c 1-64)" = "$3" ] || exit {_ABSENT}
touch "$2-$3.jsonl"
find . -maxdepth 1 \\( -name "$2-*.jsonl" -o -name ".$2-*" \\) -mmin +{_KEEP_MINUTES} -delete
"""
# Under its name only when it is whole: a plan may read it that moment.
_BRING = """
cd "$1" || exit 1
umask 027
new=$(mktemp ".$2-XXXXXXXX") || exit 1
trap 'rm -f "$new"' EXIT
cat > "$new" && chmod 0640 "$new" || exit 1
[ "$(sha256sum < "$new" | cut -c 1-64)" = "$3" ] || { echo "it was cut on its way" >&2; exit 1; }
mv "$new" "$2-$3.jsonl"
"""
# $1 folder, then SHA-256 of each picture; names those that are not there, and forgets old ones.
_LOOK_PICTURES = f"""
mkdir -p "$1/assets" && cd "$1/assets" || exit 1
shift
for one in "$@"; do if [ -f "$one" ]; then touch "$one"; else echo "$one"; fi; done
find . -maxdepth 1 -type f -mmin +{_KEEP_MINUTES} -delete
"""
# $1 folder, $2 SHA-256.
_BRING_PICTURE = """
cd "$1/assets" || exit 1
umask 027
new=$(mktemp ".$2-XXXXXXXX") || exit 1
trap 'rm -f "$new"' EXIT
cat > "$new" && chmod 0640 "$new" || exit 1
[ "$(sha256sum < "$new" | cut -c 1-64)" = "$2" ] || { echo "it was cut on its way" >&2; exit 1; }
mv "$new" "$2"
"""
_PICTURE = re.compile(rb'"banner":\{[^}]*"sha256":"([0-9a-f]{64})"')


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Puts each share that is not there yet into the folder, whole or not at all."""

    _supports_check_mode = True
    _VALID_ARGS = frozenset({"shares", "folder"})

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Bring the shares, also in check mode: they are input, not state."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        folder = self._task.args.get("folder", _FOLDER)
        brought = []
        for service, share in sorted(self._task.args["shares"].items()):
            words = [folder, service, share["digest"]]
            if service == "desk":
                self._bring_pictures(folder, Path(share["path"]))
            if self._shell(_LOOK, words)["rc"] == 0:
                continue
            try:
                content = Path(share["path"]).read_bytes()
            except OSError as error:
                raise AnsibleActionFail(f"{share['path']}: {error.strerror}") from error
            done = self._shell(_BRING, words, content)
            if done["rc"] != 0:
                said = done["stderr"].strip() or f"the host's shell ended with {done['rc']}"
                raise AnsibleActionFail(f"the {service} share could not be brought: {said}")
            brought.append(service)
        return result | {"changed": bool(brought), "brought": brought}

    def _bring_pictures(self, folder: str, share: Path) -> None:
        """Bring what the share of the desk shows; what is missing here the host will tell."""
        try:
            wanted = {one.decode() for one in _PICTURE.findall(share.read_bytes())}
        except OSError as error:
            raise AnsibleActionFail(f"{share}: {error.strerror}") from error
        if not wanted:
            return
        for digest in self._shell(_LOOK_PICTURES, [folder, *sorted(wanted)])["stdout"].split():
            picture = share.parent / "assets" / digest
            if digest in wanted and picture.is_file():
                done = self._shell(_BRING_PICTURE, [folder, digest], picture.read_bytes())
                if done["rc"] != 0:
                    said = done["stderr"].strip() or f"the host's shell ended with {done['rc']}"
                    raise AnsibleActionFail(f"a banner could not be brought: {said}")

    def _shell(self, script: str, words: list[str], data: bytes | None = None) -> dict[str, Any]:
        command = shlex.join(["sh", "-c", script, "sh", *words])
        done: dict[str, Any] = self._low_level_execute_command(command, in_data=data)
        return done
