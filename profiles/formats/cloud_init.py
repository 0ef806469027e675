"""cloud-init with the data source NoCloud: the four files of its seed folder.

https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
"""

from profiles import template
from profiles.facts import Facts
from profiles.formats import callback, netplan, yaml_body

BLOCKS = {
    "ssh_keys": "List of root's public SSH keys.",
    "callback": "Command for `runcmd` that tells Bearman that the system is installed. Only for "
    "images without bearman-install.service, which does it itself.",
}
DEFAULT_BODY = """\
#cloud-config
# The network and the host name come from network-config and meta-data, which Bearman writes.
disable_root: false
ssh_pwauth: false
ssh_authorized_keys: {{ ssh_keys }}
timezone: Etc/UTC
"""
# What is right for every system that has its root in memory; user-data goes before it.
_VENDOR = {
    "manage_etc_hosts": "localhost",
    "growpart": {"mode": "off"},
    "resize_rootfs": False,
}


def render(body: str, facts: Facts) -> dict[str, str]:
    """Return meta-data, user-data, vendor-data and network-config; raises ValueError."""
    user = yaml_body.fill(
        body,
        template.values_of(facts),
        {
            "ssh_keys": lambda _: list(facts.ssh_keys),
            "callback": lambda _: [callback.installed(facts)],
        },
    )
    return {
        "meta-data": meta_data(facts),
        "user-data": yaml_body.dump(user),
        "vendor-data": yaml_body.dump(_VENDOR),
        "network-config": yaml_body.dump(netplan.network(facts), head=""),
    }


def meta_data(facts: Facts) -> str:
    """Return the meta-data: each deployment is an instance of its own."""
    instance = f"bearman-{facts.baremetal_id or facts.uuid}"
    return yaml_body.dump({"instance-id": instance, "local-hostname": facts.fqdn}, head="")


def kernel_arguments(facts: Facts, config_url: str) -> list[str]:
    """Return nothing: the seed folder is in the initramfs."""
    return []
