"""The folder of an authority: what is there stays, what is missing or runs out is made."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bearman.lib.errors import Conflict, Invalid, Unavailable
from bearman.lib.tls import certificates, hosts
from bearman.lib.tls.certificates import Pair
from bearman.lib.tls.writing import write

ALONE = "Make the folder anew: move this one away, and run `bearman ca_create`."


@dataclass(frozen=True)
class Done:
    """What was made and why; nothing for what was there already."""

    authority: str = ""
    server: str = ""


class Folder:
    """ca.pem and ca-key.pem, server.pem and server-key.pem.

    Clients trust all certificates in ca.pem; the first of them is of the authority that signs.
    While it is being replaced there are next-ca.pem and next-ca-key.pem too. Keys are of mode
    0600. Reading raises Unavailable or Invalid in words.
    """

    def __init__(self, path: Path, *, now: datetime.datetime | None = None) -> None:
        self.path = path
        self._now = now or datetime.datetime.now(datetime.UTC)

    def ensure(self, *, names: Sequence[str], domains: Sequence[str] = ()) -> Done:
        """Make authority and server's certificate where they are missing or no longer right.

        `domains` holds a new authority to them. Raises Invalid for a name outside of them.
        """
        made = "" if self.trusted() else self._make_authority(domains)
        self._require_inside(names)
        why = self._why_new(names)
        if why:
            self.issue(names)
        return Done(made, why)

    def issue(self, names: Sequence[str]) -> None:
        """Make a new certificate for the server, with a new key."""
        pair = certificates.server(self.signer(), names, self._now)
        write(self.path / "server-key.pem", pair.key_pem, secret=True)
        write(self.path / "server.pem", certificates.pem([pair.certificate]))

    def trusted(self) -> list[x509.Certificate]:
        """Return the authorities that clients are to trust; none before the first is made."""
        return self.read("ca.pem")

    def server(self) -> x509.Certificate | None:
        """Return the server's certificate, if there is one."""
        found = self.read("server.pem")
        return found[0] if found else None

    def signer(self) -> Pair:
        """Return the authority that signs; raises Unavailable where its key is not here."""
        return self.pair("ca")

    def pair(self, name: str) -> Pair:
        """Return the authority NAME.pem with NAME-key.pem; raises Unavailable or Invalid."""
        path = self.path / f"{name}-key.pem"
        found = self.read(f"{name}.pem")
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            words = f"The authority's key {path} cannot be read: {error.strerror}."
            raise Unavailable(words, advice="Bring it back from the backup.") from error
        except (ValueError, TypeError) as error:
            raise Invalid(f"{path} holds no private key in PEM form.", advice=ALONE) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not found:
            raise Invalid(f"{path} is not a key that Bearman made.", advice=ALONE)
        if key.public_key() != found[0].public_key():
            raise Conflict(f"{path} is not the key of {name}.pem.", advice=ALONE)
        return Pair(found[0], key)

    def read(self, name: str) -> list[x509.Certificate]:
        """Return the certificates in a file; none where there is no such file."""
        path = self.path / name
        try:
            return x509.load_pem_x509_certificates(path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Invalid(f"{path} holds no certificate in PEM form.", advice=ALONE) from error

    def new_authority(self, domains: Sequence[str]) -> Pair:
        """Return a new authority; which one it is can be told by the time in its name."""
        name = f"Bearman CA {self._now:%Y-%m-%d %H:%M:%S}"
        return certificates.authority(name, domains, self._now)

    def _make_authority(self, domains: Sequence[str]) -> str:
        pair = self.new_authority(domains)
        write(self.path / "ca-key.pem", pair.key_pem, secret=True)
        write(self.path / "ca.pem", certificates.pem([pair.certificate]))
        return "there was none"

    def _require_inside(self, names: Sequence[str]) -> None:
        inside = constraints(self.trusted()[0])
        wrong = hosts.outside(names, inside) if inside else []
        if wrong:
            raise Invalid(
                f"The authority may vouch for {', '.join(inside)} only, not for {wrong[0]}.",
                advice="Name other hosts, or replace the authority: `bearman ca_rotate`.",
            )

    def _why_new(self, names: Sequence[str]) -> str:
        """Say why the server needs another certificate; nothing where it does not."""
        found = self.server()
        if found is None or not (self.path / "server-key.pem").exists():
            return "there was none"
        left = certificates.days_left(found, self._now)
        missing = sorted(set(names) - certificates.hosts_of(found))
        if not certificates.is_from(found, self.trusted()[0]):
            return "another authority signs now"
        if missing:
            return f"it was not for {', '.join(missing)}"
        if left < certificates.RENEW_DAYS:
            return f"it had {max(left, 0)} days left"
        return ""


def constraints(authority: x509.Certificate) -> list[str]:
    """Return the domains that an authority is held to; none where it is not."""
    try:
        found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return []
    subtrees = found.permitted_subtrees or []
    return [one.value for one in subtrees if isinstance(one, x509.DNSName)]
