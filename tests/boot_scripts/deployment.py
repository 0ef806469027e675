"""What Bearman has ready for a machine that is to be deployed, on the test's web server."""

import hashlib
from dataclasses import dataclass

from tests.boot_scripts.machine import UUID, Machine
from tests.boot_scripts.web import Answer, Web

NONCE = "nonce-0123456789abcdef"
SYSTEM_TOKEN = "system-token-9876543210"
KERNEL = b"kernel " * 3000
INITRAMFS = b"initramfs " * 20000 + b"x"  # no multiple of four
SEED = b"070701" + f"an archive with {SYSTEM_TOKEN}".encode().ljust(506, b"\0")
APPEND = 'boot=live quiet name="a b" $(touch x);reboot bearman.nonce=' + NONCE
PATHS = {"kernel": "/files/vmlinuz", "initramfs": "/files/initramfs"}
DETAIL = f"""hostname web-1
domain example.org
zone z1
baremetal_id 7
disk /dev/disk/by-id/nvme-x+1
bond_mode 802.3ad
address 192.0.2.10/24
gateway 192.0.2.1
vlan 120
link eno1 52:54:00:12:34:01
link eno2 52:54:00:12:34:02
dns 192.0.2.53
dns 2001:db8::53
ssh-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a@b
ssh-key ssh-rsa {"A" * 300}
more-address 2001:db8::10/64 2001:db8::1 120
more-address 198.51.100.7/28 - 0
"""


@dataclass
class Deployment:
    """A deployment of the machine, and how a test changes what Bearman says of it."""

    machine: Machine
    web: Web

    def offer(self) -> None:
        """Have a good plan and its files ready."""
        self.web.answers[PATHS["kernel"]] = Answer(KERNEL)
        self.web.answers[PATHS["initramfs"]] = Answer(INITRAMFS)
        self.web.answers[f"/seed/{UUID}"] = Answer(SEED)
        self.plan()

    def lines(self) -> list[str]:
        """A good plan."""
        kernel, initramfs = (
            f"{hashlib.sha256(data).hexdigest()} {len(data)} {self.web.url}{PATHS[name]}"
            for name, data in (("kernel", KERNEL), ("initramfs", INITRAMFS))
        )
        return [
            "bearman-plan 1",
            f"nonce {NONCE}",
            f"kernel {kernel}",
            f"initramfs {initramfs}",
            f"root {'0' * 64} 700000000 {self.web.url}/files/filesystem.squashfs?a=b",
            f"seed {self.web.url}/seed/{UUID}",
            "memory 2147483648",
            "deny-nic mlx4_en 2.4?.*",
            f"append {APPEND}",
        ]

    def plan(self, *extra: str, **changed: str | None) -> None:
        """Answer the plan with these lines at the end, and keys changed (None: left out)."""
        lines = []
        for line in self.lines():
            key = line.split(" ")[0].replace("-", "_")
            value = changed.get(key, line)
            lines += [] if value is None else [value]
        self.answer_plan("".join(f"{line}\n" for line in [*lines, *extra]).encode())

    def answer_plan(self, text: bytes) -> None:
        """Answer this to the question what to boot."""
        self.web.answers[f"/ipxe/{UUID}"] = Answer(text)

    def boot(self, script: bytes = b"", detail: str = DETAIL) -> None:
        """Be the system that came up: the seed is in its place, and Bearman knows its script."""
        seed = self.machine.root / "run/bearman-seed/seed"
        seed.parent.mkdir(parents=True, exist_ok=True)
        settings = {"url": self.web.url, "grpc": "127.0.0.1:1", "uuid": UUID}
        settings |= {"token": SYSTEM_TOKEN, "nonce": NONCE, "plaintext": "1"}
        seed.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        self.web.answers[f"/profile/{UUID}"] = Answer(script)
        self.web.answers[f"/detail/{UUID}"] = Answer(b'{"hostname": "web-1"}')
        self.web.answers[f"/detail/{UUID}?format=lines"] = Answer(detail.encode())
        self.web.answers[f"/installed/{UUID}"] = Answer(b"INSTALLED\n")

    @property
    def installed(self) -> int:
        """How often Bearman was told that the system is installed."""
        return len([post for post in self.web.posted if post.path == f"/installed/{UUID}"])

    @property
    def jumped(self) -> bool:
        """Whether the machine went into the new system."""
        return (self.machine.state / "jumped").exists()

    @property
    def fetched(self) -> list[str]:
        """Paths of the files that were asked for, in order."""
        return [path for path, _ in self.web.asked if path.startswith("/files/")]

    def cold_boot(self) -> str:
        """The message of the one request for a cold boot."""
        (report,) = self.machine.reports("cold_boot")
        assert report["step"] == "kexec"
        return report["message"]

    def failure(self) -> tuple[str, str]:
        """Step and message of the one failure that was reported."""
        (report,) = self.machine.reports("failed")
        return report["step"], report["message"]
