"""Reads recipes from their files, strictly: all faults at once, a sentence for each."""

import json
import re
from difflib import get_close_matches
from pathlib import Path

from image_builder import append, strict_yaml
from image_builder.errors import BuildError, not_found, wrong_usage
from image_builder.fields import Fields
from image_builder.recipe import DEBIAN, IMAGE_SERVER, Mmdebstrap, Recipe, ServerImage, Squashfs

NAME = r"[a-z0-9][a-z0-9.-]{0,49}"
URL = r"https?://[A-Za-z0-9._~:/\[\]-]{1,200}"
# Debian Policy 5.6.1: names of packages; with what mmdebstrap's --include takes besides.
PACKAGE = r"[a-z0-9][a-z0-9+.-]+"
PATTERN = r"/[A-Za-z0-9/._*?+-]{1,200}"
EXCLUDE = r"[A-Za-z0-9._*?\[][A-Za-z0-9/._*?+@\[\]-]{0,199}"
APPEND = r"[^\n]*"
LIMIT = 64 * 1024  # bytes of a recipe
SUFFIX = ".yml"


def names(folder: Path) -> list[str]:
    """Names of all recipes."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def load(folder: Path, name: str) -> Recipe:
    """The recipe of that name, or of that file; raises BuildError with every fault in it."""
    is_file = name.endswith((SUFFIX, ".yaml"))
    if not is_file and not re.fullmatch(NAME, name):
        raise _unknown(folder, name)
    path = Path(name) if is_file else folder / f"{name}{SUFFIX}"
    try:
        with path.open("rb") as file:
            text = file.read(LIMIT + 1)
    except FileNotFoundError:
        raise _unknown(folder, name) from None
    except OSError as error:
        raise wrong_usage(f"The recipe {path} cannot be read: {error.strerror}.") from None
    return _read(path, text)


def require_roles(recipe: Recipe, ansible: Path) -> None:
    """Raise BuildError where the playbook has not all of its roles: better now than in the end."""
    known = sorted(path.name for path in ansible.glob("roles/*"))
    for role in recipe.roles:
        if role not in known:
            near = get_close_matches(role, known, n=1) or known
            raise wrong_usage(
                f"The recipe {recipe.path} has the role {role!r}, which is not in {ansible}/roles.",
                f"Did you mean {' or '.join(near)}?" if near else "That folder has none at all.",
            )


def _read(path: Path, text: bytes) -> Recipe:
    if len(text) > LIMIT:
        raise wrong_usage(f"The recipe {path} has over {LIMIT} bytes.")
    try:
        value = strict_yaml.read(text)
    except strict_yaml.NotYaml as error:
        raise wrong_usage(f"The recipe {path} is not YAML: {error}.") from None
    if not isinstance(value, dict):
        raise wrong_usage(f"The recipe {path} must be a mapping of names to values.", _ADVICE)
    faults: list[str] = []
    recipe = _recipe(Fields(value, "", faults), path, text)
    if faults:
        raise wrong_usage(f"The recipe {path} has {_count(faults)}: {' '.join(faults)}", _ADVICE)
    return recipe


_ADVICE = "image_builder/recipes/README.md says what a recipe may have."


def _recipe(fields: Fields, path: Path, text: bytes) -> Recipe:
    recipe = Recipe(
        name=fields.text("name", NAME, "the name of the image: a-z, 0-9, dots and dashes"),
        title=fields.text("title", r"\S.{0,99}", "one line of at most 100 characters"),
        kind=fields.text("kind", "stage-one|stage-two", "stage-one or stage-two"),
        base=_base(fields),
        roles=fields.texts("roles", r"[a-z0-9][a-z0-9_-]{0,63}", "the name of a role"),
        variables=_variables(fields),
        append=fields.text("append", APPEND, "kernel arguments on one line", ""),
        kernel=fields.text("kernel", PATTERN, "a path in the image, beginning with /"),
        initramfs=fields.text("initramfs", PATTERN, "a path in the image, beginning with /"),
        python=fields.text("python", r"3\.\d{1,2}", 'a version in quotes, such as "3.11"', ""),
        squashfs=_squashfs(fields),
        epoch=fields.number("epoch", 0, 2**32 - 1),
        path=path,
        text=text,
    )
    fields.done()
    if fault := append.fault(recipe.append):
        fields.faults.append(f"`append` cannot be used: {fault}.")
    if not fields.faults and path.stem != recipe.name:
        fields.faults.append(f"`name` must be that of the file, {path.stem}, not {recipe.name}.")
    return recipe


def _base(fields: Fields) -> Mmdebstrap | ServerImage:
    value = fields.raw("base")
    base = Fields(value if isinstance(value, dict) else {}, "base", fields.faults)
    kinds = [key for key in ("mmdebstrap", "image") if base.has(key)]
    base.done()
    if len(kinds) != 1:
        fields.faults.append("`base` must have either `mmdebstrap` or `image`.")
        return ServerImage(alias="")
    inner = Fields(base.raw(kinds[0]), f"base.{kinds[0]}", fields.faults)
    result = _mmdebstrap(inner) if kinds[0] == "mmdebstrap" else _server_image(inner)
    inner.done()
    return result


def _mmdebstrap(fields: Fields) -> Mmdebstrap:
    return Mmdebstrap(
        suite=fields.text("suite", r"[a-z][a-z0-9.-]{0,39}", "a suite such as bookworm"),
        mirror=fields.text("mirror", URL, "an address of http or https", DEBIAN),
        components=fields.texts("components", r"[a-z-]{1,40}", "a component", ("main",)),
        also=fields.texts("also", r"deb [!-~][ -~]{1,300}", "a line of sources.list", ()),
        packages=fields.texts("packages", PACKAGE, "the name of a package", ()),
    )


def _server_image(fields: Fields) -> ServerImage:
    return ServerImage(
        alias=fields.text("alias", r"[A-Za-z0-9][A-Za-z0-9./_-]{0,99}", "an image's alias"),
        server=fields.text(
            "server", r"https://[A-Za-z0-9._:/-]{1,200}", "an address of https", IMAGE_SERVER
        ),
    )


def _squashfs(fields: Fields) -> Squashfs:
    if not fields.has("squashfs"):
        return Squashfs()
    inner = Fields(fields.raw("squashfs"), "squashfs", fields.faults)
    result = Squashfs(
        compression=inner.text("compression", "zstd|xz|gzip|lz4", "zstd, xz, gzip or lz4", "zstd"),
        level=inner.number("level", 1, 22) or Squashfs.level,
        exclude=inner.texts("exclude", EXCLUDE, "a path without the leading slash", ()),
    )
    inner.done()
    return result


def _variables(fields: Fields) -> dict[str, object]:
    value = fields.raw("variables") if fields.has("variables") else {}
    if not isinstance(value, dict) or not all(
        isinstance(k, str) and k.isidentifier() for k in value
    ):
        fields.faults.append("`variables` must be a mapping of variables of Ansible.")
        return {}
    taken = sorted(key for key in value if key.startswith("bearman_"))
    fields.faults += [f"`variables.{key}` is one that the builder sets." for key in taken]
    for key, each in value.items():
        try:
            json.dumps(each)  # as Ansible is given it
        except (TypeError, ValueError):
            what = "texts, numbers, lists and mappings; a date needs quotes"
            fields.faults.append(f"`variables.{key}` must be of {what}.")
    return value


def _unknown(folder: Path, name: str) -> BuildError:
    known = names(folder)
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    if near:
        return not_found(f"There is no recipe {name!r}.", f"Did you mean {' or '.join(near)}?")
    return not_found(
        f"There is no recipe {name!r}.",
        f"There are {', '.join(known)}." if known else f"{folder} has none at all.",
    )


def _count(faults: list[str]) -> str:
    return "a fault" if len(faults) == 1 else f"{len(faults)} faults"
