"""Certificates (RFC 5280): an authority, and what servers show that it vouches for."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bearman.lib.tls.hosts import is_address

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # browsers take no longer ones (CA/Browser Forum, Baseline Requirements 6.3.2)
RENEW_DAYS = 60  # a certificate with fewer days left is replaced
BEHIND = datetime.timedelta(days=1)  # how far a machine's clock may be behind ours

_SIGNS = {"key_cert_sign": True, "crl_sign": True}
_SERVES = {"digital_signature": True}
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def key_pem(self) -> bytes:
        """The key as PEM (PKCS #8, RFC 5958), not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return certificates as PEM, one after the other."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def authority(name: str, domains: Sequence[str], now: datetime.datetime) -> Pair:
    """Make an authority for ten years; with `domains` it can vouch for no name outside of them.

    Addresses are not constrained: gRPC's TLS library knows no such constraint and would refuse all.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun(name, key, None, now, AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(_SIGNS), critical=True)
    if domains:
        inside = x509.NameConstraints([x509.DNSName(domain) for domain in domains], None)
        builder = builder.add_extension(inside, critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def server(issuer: Pair, hosts: Sequence[str], now: datetime.datetime) -> Pair:
    """Make a server's certificate for names and addresses, with a key of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun(hosts[0][:64], key, issuer, now, SERVER_DAYS)
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(_SERVES), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_general(host) for host in hosts]), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return Pair(builder.sign(issuer.key, hashes.SHA256()), key)


def hosts_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the names and addresses that a server's certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, addresses)])


def days_left(certificate: x509.Certificate, now: datetime.datetime) -> int:
    """Return for how many whole days it is still good; negative once it has ended."""
    return (certificate.not_valid_after_utc - now).days


def is_from(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether that authority signed it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # of several kinds: another name, another key type, another signature
        return False
    return True


def _begun(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: Pair | None,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    """Begin a certificate with what all have (RFC 5280 sections 4.1.2 and 4.2.1.1 to 4.2.1.2)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key = issuer.key.public_key() if issuer else key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEHIND)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _usage(allowed: dict[str, bool]) -> x509.KeyUsage:
    return x509.KeyUsage(**(dict.fromkeys(_USAGES, False) | allowed))


def _general(host: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(host)) if is_address(host) else x509.DNSName(host)
