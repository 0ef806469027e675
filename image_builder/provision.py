"""Makes the container, has Ansible fill it, and takes the image out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from image_builder import (
    ansible_run,
    aptcache,
    bases,
    collection,
    daemon,
    kept,
    keys,
    lxd,
    pack_up,
    programs,
    tools,
    wheels,
    workspace,
)
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.inputs import Inputs
from image_builder.lxd import Container
from image_builder.recipe import Mmdebstrap, ServerImage
from image_builder.workspace import Workspace

if TYPE_CHECKING:
    import pylxd

    from image_builder.build import Order

PROXY_FILE = "/etc/apt/apt.conf.d/01bearman-build"


def run(order: "Order", found: Inputs, work: Workspace, part: Path) -> int:
    """All steps from the base to the artefacts in `part`; returns how many packages it has."""
    progress = order.progress
    root = _base(order, found, work)
    brought = _wheels(order)
    with progress.step("Ansible's connection plugin"):
        collections, source = collection.ensure(
            order.settings.ansible / "requirements.yml", order.settings.cache / "collections"
        )
    if source:
        progress.note(f"           {collection.NAME} came from {source}.")
    with ExitStack() as stack, workspace.fullness_told(work.folder, part), lxd.told():
        with progress.step("LXD started" if order.socket is None else "LXD found"):
            socket = order.socket or stack.enter_context(daemon.running(work))
            client = lxd.connect(socket)
            order.tools.update(tools.versions(client))
        with progress.step("Container started"):
            box = stack.enter_context(_container(order, found, work, client, root))
            box.start()
        proxy = stack.enter_context(_apt_cache(order, box))
        if proxy:
            box.put(PROXY_FILE, f'Acquire::http::Proxy "{proxy.url}";\n'.encode())
        try:
            place = _place(order, work, box, collections)
            _apply_roles(order, place, _variables(order, found, work, brought), proxy)
            return pack_up.take_out(order, found, box, brought, part)
        finally:
            if order.keep:
                kept.keep(order, work, box, socket)


def require(order: "Order") -> None:
    """Raise BuildError where this machine cannot build, before anything is fetched or made."""
    if order.socket is None:
        daemon.require()
    else:
        programs.require("lxc", "mksquashfs")
        lxd.connect(order.socket)
    if isinstance(order.recipe.base, Mmdebstrap):
        programs.require("mmdebstrap")


def _base(order: "Order", found: Inputs, work: Workspace) -> Path | None:
    if not isinstance(order.recipe.base, Mmdebstrap):
        return None
    with order.progress.step("Base"):
        root, is_new = bases.ensure(
            order.recipe.base, order.settings.cache, work.folder, found.base, found.epoch
        )
    if not is_new:
        order.progress.note("           The base was there already.")
    return root


def _wheels(order: "Order") -> Path | None:
    if not order.recipe.python:
        return None
    with order.progress.step("Wheels of bearman-cli"):
        return wheels.ensure(order.recipe.python, order.settings.cache / "wheels")


def container_name(build: str) -> str:
    """A name that LXD takes: no `_`, which a build's id may have, and no dash at its end."""
    return f"bearman-{build.replace('_', '-').lower()}-build"


@contextmanager
def _container(
    order: "Order", found: Inputs, work: Workspace, client: "pylxd.Client", root: Path | None
) -> Iterator[Container]:
    config = {"environment.SOURCE_DATE_EPOCH": str(found.epoch), lxd.OWNER: str(work.folder)}
    name = container_name(work.id)
    with ExitStack() as stack:
        if root is not None:
            metadata = bases.metadata(work.id, found.epoch)
            fingerprint = stack.enter_context(lxd.imported(client, root, metadata))
            source = {"type": "image", "fingerprint": fingerprint}
        else:
            source = _from_server(order.recipe.base)
        with lxd.container(client, name, source, config, keep=lambda: order.keep) as box:
            yield box


def _from_server(base: Mmdebstrap | ServerImage) -> dict[str, str]:
    assert isinstance(base, ServerImage)
    return {
        "type": "image",
        "mode": "pull",
        "server": base.server,
        "protocol": "simplestreams",
        "alias": base.alias,
    }


@contextmanager
def _apt_cache(order: "Order", box: Container) -> Iterator[aptcache.Proxy | None]:
    """Where the container has apt, and its gateway is this machine: a cache for its packages."""
    gateway = box.execute(["ip", "-4", "route", "show", "default"]).output.split()[2:3]
    has_apt = box.execute(["test", "-d", "/etc/apt/apt.conf.d"]).code == 0
    if not has_apt or not gateway:
        yield None
        return
    with ExitStack() as stack:
        try:
            proxy = stack.enter_context(
                aptcache.serving(gateway[0], order.settings.cache / "packages")
            )
        except OSError:  # its gateway is not this machine
            yield None
            return
        yield proxy


def _place(order: "Order", work: Workspace, box: Container, collections: Path) -> ansible_run.Place:
    return ansible_run.Place(
        folder=work.folder / "ansible",
        ansible=order.settings.ansible,
        collections=collections,
        container=box.name,
        env={
            "LXD_CONF": str(work.folder / "lxc"),
            "LXD_SOCKET": str(order.socket or work.lxd / "unix.socket"),
        },
    )


def _apply_roles(
    order: "Order",
    place: ansible_run.Place,
    variables: dict[str, object],
    proxy: aptcache.Proxy | None,
) -> None:
    with order.progress.step("Roles applied"):
        try:
            tally = ansible_run.run(place, variables, order.progress.detail)
        except BuildError as error:
            raise _unfetched(error, proxy.failures if proxy else []) from None
    slowest = sorted(tally.seconds.items(), key=lambda item: item[1], reverse=True)[:3]
    for task, seconds in slowest:
        order.progress.note(f"           {seconds:5.1f} s of it: {task}")


def _unfetched(error: BuildError, failures: list[str]) -> BuildError:
    """A task that failed where packages could not be fetched: then that is the reason."""
    if error.exit_code is not ExitCode.FAILED or not failures:
        return error
    return BuildError(
        ExitCode.NO_BASE,
        f"{error.message} The archive does not answer: {failures[-1]}.",
        "Check the network, then build again: packages that came are kept.",
        log=error.log,
    )


def _variables(
    order: "Order", found: Inputs, work: Workspace, brought: Path | None
) -> dict[str, object]:
    """What recipes/README.md promises to roles."""
    public = work.folder / "image-keys"
    public.mkdir(exist_ok=True)
    for path in keys.public_keys(order.settings.keys):
        key = keys.read_public(path)
        assert key is not None
        (public / f"{keys.key_id(key)}.pem").write_bytes(keys.public_pem(key))
    return {
        **order.recipe.variables,
        "bearman_image_name": order.recipe.name,
        "bearman_image_kind": order.recipe.kind,
        "bearman_roles": list(order.recipe.roles),
        "bearman_wheels": str(brought or ""),
        "bearman_boot_scripts": str(order.settings.boot_scripts),
        "bearman_ca": str(order.settings.ca or ""),
        "bearman_image_keys": str(public),
        "bearman_epoch": found.epoch,
    }
