"""What Bearman and its storage are to a machine that boots an image in QEMU."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from profiles import cpio
from tests.boot_scripts.web import Answer, Web
from tests.images import qemu

UUID = "3f2b8a10-6c1d-4e7a-9b55-0a1b2c3d4e5f"
TOKEN = "boot-token-of-a-machine-in-qemu"
NONCE = "nonce-of-this-boot-0001"
MAC = "52:54:00:12:34:56"  # QEMU's first card
ROOT = "/images/any/1/0123456789abcdef/filesystem.squashfs"
DETAIL = f"""hostname web-1
domain example.org
baremetal_id 7
address 10.0.2.15/24
gateway 10.0.2.2
vlan 0
link eth0 {MAC}
ssh-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEexampleexampleexampleexampleexampleexample a@b
"""


@dataclass
class Peer(Web):
    """A web server on loopback, which a guest reaches at 10.0.2.2."""

    @property
    def guest_url(self) -> str:
        """The address for the guest."""
        return f"http://{qemu.HOST}:{self.port}"

    def offer_root(self, root: bytes, *, named: bytes | None = None, query: str = "") -> str:
        """Serve a root; returns the kernel arguments that name it, or `named` instead."""
        self.answers[ROOT + query] = Answer(root)
        right = root if named is None else named
        sum_ = hashlib.sha256(right).hexdigest()
        return f"fetch={self.guest_url}{ROOT}{query} bearman.root={sum_}:{len(right)}"

    def offer_script(self, script: str) -> str:
        """Make a script due for stage one; returns the kernel arguments of stage one."""
        self._be_well()
        body = script.encode()
        self.answers["/scripts/register.sh"] = Answer(body)
        due = (
            f"register.sh {hashlib.sha256(body).hexdigest()} {self.guest_url}/scripts/register.sh\n"
        )
        self.answers[f"/autorun/{UUID}"] = Answer(due.encode())
        return " ".join(f"bearman.{name}={value}" for name, value in self._settings().items())

    def offer_system(self, script: str) -> bytes:
        """Make an install script due for stage two; returns the archive with the seed."""
        self._be_well()
        self.answers[f"/profile/{UUID}"] = Answer(script.encode())
        self.answers[f"/detail/{UUID}"] = Answer(b'{"hostname": "web-1"}')
        self.answers[f"/detail/{UUID}?format=lines"] = Answer(DETAIL.encode())
        self.answers[f"/installed/{UUID}"] = Answer(b"INSTALLED\n")
        seed = "".join(f"{name} {value}\n" for name, value in self._settings().items())
        return cpio.newc([("bearman/seed", 0o600, f"{seed}nonce {NONCE}\n".encode())])

    def reports(self) -> list[str]:
        """What the machine has posted, as paths."""
        return [post.path for post in self.posted]

    def _be_well(self) -> None:
        self.answers |= {"/healthz": Answer(b"ok"), f"/report/{UUID}": Answer(b"READY\n")}

    def _settings(self) -> dict[str, str]:
        return {
            "url": self.guest_url,
            "grpc": f"{qemu.HOST}:{self.port}",
            "uuid": UUID,
            "token": TOKEN,
            "plaintext": "1",
        }


def with_seed(initramfs: Path, seed: bytes, target: Path) -> Path:
    """Append a seed to an initramfs as kexec.sh does: at a multiple of four bytes."""
    image = initramfs.read_bytes()
    target.write_bytes(image + bytes(-len(image) % 4) + seed)
    return target
