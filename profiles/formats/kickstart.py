"""Kickstart, for Anaconda: https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html."""

from profiles import template
from profiles.facts import Facts
from profiles.formats import callback
from profiles.formats.devices import BOND, MONITOR_MILLISECONDS, Device, devices, disk_for

BLOCKS = {
    "network": "Commands that set up the installed system's network.",
    "ssh_keys": "Commands that lock root's password and give root the public SSH keys.",
    "storage": "Commands that partition the whole disk.",
    "callback": "Sections, to be the last ones, that tell Bearman how the installation ended.",
}
DEFAULT_BODY = """\
#version=RHEL9
text
reboot
url --url=https://mirror.stream.centos.org/9-stream/BaseOS/x86_64/os/
lang en_US.UTF-8
keyboard us
timezone Etc/UTC --utc
{{ network }}
{{ ssh_keys }}
{{ storage }}

%packages
@core
curl
openssh-server
%end

{{ callback }}
"""
_CALLBACK = """\
%post --nochroot --erroronfail
{installed}
%end

%onerror
{failed}
%end"""


def render(body: str, facts: Facts) -> dict[str, str]:
    """Return ks.cfg; raises ValueError with a sentence."""
    values = template.single_words(template.values_of(facts))
    message, log = "The installer failed.", "/tmp/anaconda.log"  # noqa: S108 (Anaconda's own)
    blocks = {
        "network": "\n".join(_network(facts)),
        "ssh_keys": "\n".join(
            ["rootpw --lock", *(f'sshkey --username=root "{key}"' for key in facts.ssh_keys)]
        ),
        "storage": "\n".join(_storage(disk_for(body, facts).removeprefix("/dev/"))),
        "callback": _CALLBACK.format(
            installed=callback.installed(facts),
            failed=callback.failed(facts, message=message, log=log),
        ),
    }
    return {"ks.cfg": template.render(body, values | blocks)}


def kernel_arguments(facts: Facts, config_url: str) -> list[str]:
    """Return where Anaconda finds its file (in the initramfs), and that nobody is there to ask."""
    return ["inst.ks=file:/ks.cfg", "inst.noninteractive"]


def _network(facts: Facts) -> list[str]:
    """Return the commands; none touches the network that the installer itself uses.

    Anaconda knows a device by its `--device`, once: a bond and the VLAN on it are one command.
    """
    base, *vlans = devices(facts)
    if len(vlans) > 1 or (vlans and base.addresses and facts.bond_mode):
        raise ValueError(
            "Kickstart sets up one VLAN, and beside one on a bond no untagged address, not more."
        )
    lines = _bond(facts, base, vlans) if facts.bond_mode else _link(facts, base, vlans)
    return [
        f"network --hostname={facts.fqdn}",
        *(f"network {line} --no-activate" for line in lines),
    ]


def _bond(facts: Facts, base: Device, vlans: list[Device]) -> list[str]:
    members = ",".join(link.name for link in facts.links)
    options = f"mode={facts.bond_mode},miimon={MONITOR_MILLISECONDS}"
    bond = f"--device={BOND} --bondslaves={members} --bondopts={options}"
    return [f"{bond} {_addressing(device, facts)}" for device in vlans or [base]]


def _link(facts: Facts, base: Device, vlans: list[Device]) -> list[str]:
    link = f"--device={facts.links[0].mac} {_addressing(base, facts)}"
    return [link, *(f"--device={base.name} {_addressing(vlan, facts)}" for vlan in vlans)]


def _addressing(device: Device, facts: Facts) -> str:
    four, six = device.of_family(4), device.of_family(6)
    if len(four) > 1 or len(six) > 1:
        raise ValueError(f"Kickstart gives {device.name} one address of each family, not more.")
    words = ["--onboot=yes"]
    if device.vlan_id:
        words += [f"--vlanid={device.vlan_id}", f"--interfacename={device.name}"]
    if four:
        words += ["--bootproto=static", f"--ip={four[0].address}", f"--netmask={four[0].netmask}"]
        words += [f"--gateway={four[0].gateway}"] if four[0].gateway else []
    else:
        words += ["--noipv4"]
    if six:
        words += [f"--ipv6={six[0]}"]
        words += [f"--ipv6gateway={six[0].gateway}"] if six[0].gateway else []
    else:
        words += ["--noipv6"]
    if device.addresses and facts.dns:
        words += [f"--nameserver={','.join(facts.dns)}"]
    return " ".join(words)


def _storage(disk: str) -> list[str]:
    return [
        f"ignoredisk --only-use={disk}",
        "zerombr",
        f"clearpart --all --initlabel --drives={disk}",
        "autopart --type=plain",
        f"bootloader --boot-drive={disk}",
    ]
