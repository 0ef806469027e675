"""A READY machine for tests of deployments: its node, its BMC on the network, and what it says."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from baremetal.models import Baremetal
from baremetal.services.power import deployment_power_on
from baremetal.services.release import release_finish
from nodes import credentials
from nodes.models import AvailabilityZone, Bmc, Disk, NetworkInterface, Node
from nodes.states import NodeStatus
from profiles.models import Image, Profile
from profiles.services import Artefacts, image_add, profile_save
from profiles.stage_one import stage_one_forget
from simulator.bmc.behaviour import BmcFaults
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.fleet import BmcFleet

GB, GIB = 10**9, 2**30
SOURCE = "127.0.0.1"
TOKEN = re.compile(r"bearman\.token=(\S+)")
STAGE_ONE_FILES = {
    "kernel": "vmlinuz",
    "initramfs": "initrd.img",
    "root": "filesystem.squashfs",
}
SEED = re.compile(r"/seed/[0-9a-f-]{36}/(bmb_\S+)")


def image(folder: Path, version: str = "1", *, name: str = "debian", root: bool = True) -> Image:
    """An image of small files."""
    files = {}
    for kind in ("kernel", "initramfs", "root"):
        files[kind] = folder / f"{name}-{version}-{kind}"
        files[kind].write_bytes(f"{kind} of {name} {version}".encode() * 100)
    artefacts = Artefacts(files["kernel"], files["initramfs"], files["root"] if root else None)
    return image_add(name=name, version=version, files=artefacts)[0]


def stage_one(version: str = "1", **columns: object) -> Image:
    """The image that machines register with, current; a row is enough where nobody fetches it."""
    stage_one_forget()
    values: dict[str, object] = {"append": "boot=live ip=dhcp", "current": True}
    for kind, file in STAGE_ONE_FILES.items():
        path = f"images/stage-one/{version}/{'0' * 16}/{file}"
        values |= {f"{kind}_path": path, f"{kind}_size": 7, f"{kind}_sha256": "0" * 64}
    return Image.objects.create(name="stage-one", version=version, **(values | columns))


def profile(name: str = "web", **values: object) -> Profile:
    """A profile that boots the image `debian`, unless `values` say otherwise."""
    fields = {"image_name": "debian", "install_script": "echo hello\n"} | values
    return profile_save(profile=Profile(name=name, **fields))


@dataclass
class Machine:
    """One machine: what Bearman knows of it, and its own voice over HTTP."""

    node: Node
    bmc: SimulatedBmc
    uuid: str
    client: Client = field(default_factory=Client)
    token: str = ""
    nonce: str = ""
    query: str = ""  # what DHCP has it say behind its UUID

    @property
    def row(self) -> Baremetal:
        """The newest deployment, as it is now."""
        return Baremetal.objects.filter(node=self.node).latest("pk")

    def status(self) -> NodeStatus:
        """The node's status now."""
        return NodeStatus(Node.objects.values_list("status", flat=True).get(pk=self.node.pk))

    def ipxe(self) -> str:
        """What iPXE gets; keeps the token that is in it."""
        script = self.client.get(f"/ipxe/{self.uuid}{self.query}").content.decode()
        found = TOKEN.search(script) or SEED.search(script)
        self.token = found[1] if found else ""
        return script

    def get(self, path: str, query: str = "") -> tuple[int, str]:
        """GET /<path>/<uuid> with token and nonce: status and text."""
        answer = self.client.get(f"/{path}/{self.uuid}{query}", headers=self._headers())
        return answer.status_code, answer.content.decode("utf-8", "replace")

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """POST a form to /<path>/<uuid> with token and nonce: status and text."""
        content = "application/x-www-form-urlencoded"
        body = "&".join(f"{key}={value}" for key, value in form.items())
        answer = self.client.post(
            f"/{path}/{self.uuid}", body, content_type=content, headers=self._headers()
        )
        return answer.status_code, answer.content.decode()

    def plan(self) -> dict[str, str]:
        """The plan for kexec; keeps its nonce."""
        status, text = self.get("ipxe")
        assert status == 200, text
        found = dict(line.split(" ", 1) for line in text.splitlines())
        self.nonce = found["nonce"]
        return found

    def take_seed(self, token: str = "") -> str:
        """Fetch the seed and go on with the secret and the nonce in it; returns its lines."""
        path = f"/seed/{self.uuid}" + (f"/{token}" if token else "")
        answer = self.client.get(path, headers={} if token else self._headers())
        assert answer.status_code == 200, answer.content
        text = answer.content.decode("latin-1")
        for name in ("token", "nonce"):
            found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
            assert found
            setattr(self, name, found[1])
        return text

    def install(self) -> None:
        """Go all the way to INSTALLED, by kexec."""
        self.ipxe()
        self.plan()
        self.take_seed()
        assert self.get("profile")[0] == 200
        assert self.get("detail")[0] == 200
        assert self.post("installed") == (200, "INSTALLED\n")

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers | ({"X-Bearman-Nonce": self.nonce} if self.nonce else {})


def ready(
    fleet: BmcFleet, number: int, *, faults: BmcFaults | None = None, **columns: object
) -> Machine:
    """A READY node whose BMC is on the network with its credential, and off."""
    uuid = str(uuid4())
    values: dict[str, object] = {
        "vendor": "Acme Inc.",
        "product_name": "RackBox 650",
        "serial": f"SN{number:06d}",
        "memory_bytes": 64 * GIB,
        "cpu_cores": 32,
        "zone": AvailabilityZone.objects.first(),
        "proven_at": timezone.now(),
    }
    node = Node.objects.create(uuid=UUID(uuid), status=NodeStatus.READY, **(values | columns))
    for port in range(2):
        NetworkInterface.objects.create(
            node=node,
            name=f"eno{port + 1}",
            mac=f"b0:7b:25:00:{number:02x}:{port:02x}",
            state="UP" if port == 0 else "DOWN",
        )
    Disk.objects.create(node=node, name="nvme0n1", size_bytes=960 * GB, transport="nvme")
    password, address = credentials.new_password(), f"127.44.0.{number}"
    Bmc.objects.create(
        node=node,
        address=address,
        channel=1,
        user_slot=4,
        username="bearman",
        password=credentials.encrypt(password),
    )
    bmc = SimulatedBmc(f"machine {number}", faults=faults)
    fleet.add(bmc)
    bmc.set_user(
        4, name="bearman", password=password, enabled=True, privilege=4, ipmi_messaging=True
    )
    for name, value in (("ipsrc", "static"), ("netmask", "255.0.0.0"), ("ipaddr", address)):
        bmc.set_lan(name, value)
    return Machine(node, bmc, uuid)


def work() -> list[str]:
    """Do what the worker would, once for each job that waits; returns the names of the tasks."""
    done = []
    for job in ProcrastinateJob.objects.filter(status="todo").order_by("id"):
        run = {
            "baremetal.tasks.power_on": deployment_power_on,
            "baremetal.tasks.power_off": release_finish,
        }.get(job.task_name)
        if run is not None:
            run(**job.args)
            done.append(job.task_name)
            _forget(job.pk)
    return done


def _forget(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job_id])
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
