"""Replaces an authority in three steps, so that at no moment a client meets a stranger."""

from collections.abc import Sequence

from bearman.lib.errors import Conflict
from bearman.lib.tls.certificates import hosts_of, pem
from bearman.lib.tls.folder import Folder, constraints
from bearman.lib.tls.writing import write


def begin(folder: Folder, domains: Sequence[str] | None = None) -> None:
    """Make the next authority; clients are to trust both, and the old one still signs.

    Without `domains` it is held to those of the old one.
    """
    now = folder.signer().certificate
    if folder.read("next-ca.pem"):
        raise Conflict("The next authority is there already.", advice="Go on with `switch`.")
    pair = folder.new_authority(constraints(now) if domains is None else domains)
    write(folder.path / "next-ca-key.pem", pair.key_pem, secret=True)
    write(folder.path / "next-ca.pem", pem([pair.certificate]))
    write(folder.path / "ca.pem", pem([now, pair.certificate]))


def switch(folder: Folder) -> None:
    """Have the next authority sign, and give the server a certificate of it; both stay trusted."""
    trusted = folder.trusted()
    following = folder.read("next-ca.pem")
    if not following:
        raise Conflict("There is no next authority.", advice="First comes `ca_rotate begin`.")
    pair = folder.pair("next-ca")
    others = [one for one in trusted if one != pair.certificate]
    write(folder.path / "ca-key.pem", pair.key_pem, secret=True)
    write(folder.path / "ca.pem", pem([pair.certificate, *others]))
    server = folder.server()
    if server is not None:
        folder.issue(sorted(hosts_of(server)))
    for name in ("next-ca.pem", "next-ca-key.pem"):
        (folder.path / name).unlink(missing_ok=True)


def finish(folder: Folder) -> None:
    """Forget the old authority: clients that know nothing newer are refused from now on."""
    trusted = folder.trusted()
    if folder.read("next-ca.pem"):
        raise Conflict("The old authority still signs.", advice="First comes `ca_rotate switch`.")
    if len(trusted) > 1:
        write(folder.path / "ca.pem", pem(trusted[:1]))
