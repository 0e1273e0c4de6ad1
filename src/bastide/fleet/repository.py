# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie in an operator's repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.fleet.source import readable

NO_REPOSITORY = declare(
    "C801",
    Severity.ERROR,
    en="no Bastide repository in {here} nor above it",
    fr="aucun dépôt Bastide dans {here} ni au-dessus",
    hint_en="go to a folder that holds collectivities/ and inventory/, or clone one",
    hint_fr="allez dans un dossier qui contient collectivities/ et inventory/, ou clonez-en un",
)
NO_ENVIRONMENT = declare(
    "C802",
    Severity.ERROR,
    en="there is no environment {name} (inventory/{name}/platform.yml is missing)",
    fr="l'environnement {name} n'existe pas (inventory/{name}/platform.yml manque)",
    hint_en="environments here: {known}",
    hint_fr="environnements présents : {known}",
)


@dataclass(frozen=True, slots=True)
class Repository:
    """An operator's repository at `root`, seen for one `environment`."""

    root: Path
    environment: str = "lab"

    @classmethod
    def find(cls, start: Path, environment: str = "lab") -> Repository:
        """The repository that `start` lies in; ``InvalidInput`` when there is none."""
        here = start.resolve()
        for folder in (here, *here.parents):
            if (folder / "collectivities").is_dir() and (folder / "inventory").is_dir():
                repository = cls(folder, environment)
                repository.require_environment()
                return repository
        raise InvalidInput(diagnose(NO_REPOSITORY, str(here), here=here))

    def require_environment(self) -> None:
        """``InvalidInput`` unless the environment has a platform.yml."""
        # A name is a folder's name: it never leads out of inventory/.
        plain = self.environment == Path(self.environment).name
        if plain and self.platform_file.is_file():
            return
        known = sorted(p.parent.name for p in (self.root / "inventory").glob("*/platform.yml"))
        raise InvalidInput(
            diagnose(
                NO_ENVIRONMENT,
                f"inventory/{self.environment}/platform.yml",
                name=self.environment,
                known=", ".join(known) or "-",
            )
        )

    @property
    def collectivities(self) -> Path:
        """Folder of the charters."""
        return self.root / "collectivities"

    @property
    def schemas(self) -> Path:
        """Folder of the Cerberus schemas and catalogues: the repository's own, else ours."""
        own = self.root / "schemas"
        if own.is_dir():
            return own
        packaged = Path(__file__).parent.parent / "_schemas"
        return packaged if packaged.is_dir() else Path(__file__).parents[3] / "schemas"

    @property
    def inventory(self) -> Path:
        """Ansible inventory of the environment."""
        return self.root / "inventory" / self.environment

    @property
    def platform_file(self) -> Path:
        """The operator's choices for the environment."""
        return self.inventory / "platform.yml"

    @property
    def state(self) -> Path:
        """Everything the engine keeps on this machine for the environment; never in git."""
        return self.root / ".bastide" / self.environment

    @property
    def cache(self) -> Path:
        """What can be thrown away at any time."""
        return self.root / ".bastide" / "cache"

    def relative(self, path: Path) -> str:
        """`path` as shown to people: below the root without it, else in full."""
        try:
            return readable(path.resolve().relative_to(self.root).as_posix())
        except (ValueError, OSError, RuntimeError):
            # Elsewhere, or nowhere: a NUL in the name, a link that leads to itself.
            return readable(str(path))
