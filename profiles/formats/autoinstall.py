"""Ubuntu's autoinstall, which comes in the user-data of cloud-init.

https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html
"""

from typing import Any

from profiles import template
from profiles.facts import Facts
from profiles.formats import callback, netplan, yaml_body
from profiles.formats.cloud_init import meta_data
from profiles.formats.devices import disk_for

BLOCKS = {
    "network": "The network, as `autoinstall.network` wants it.",
    "ssh_keys": "List of root's public SSH keys.",
    "storage": "The whole disk, as `autoinstall.storage` wants it.",
    "callback": "Command that tells Bearman how the installation ended: in `late-commands` that it "
    "is installed, in `error-commands` that it failed.",
}
DEFAULT_BODY = """\
#cloud-config
autoinstall:
  version: 1
  locale: en_US.UTF-8
  keyboard:
    layout: us
  timezone: Etc/UTC
  network: {{ network }}
  storage: {{ storage }}
  ssh:
    install-server: true
    allow-pw: false
  user-data:
    hostname: {{ hostname }}
    fqdn: {{ fqdn }}
    disable_root: false
    users:
      - name: root
        ssh_authorized_keys: {{ ssh_keys }}
  late-commands:
    - {{ callback }}
  error-commands:
    - {{ callback }}
  shutdown: reboot
"""
_LOG = "/var/log/installer/subiquity-server-debug.log"


def render(body: str, facts: Facts) -> dict[str, str]:
    """Return user-data, meta-data and an empty vendor-data; raises ValueError with a sentence."""

    disk = disk_for(body, facts)

    def called_back(keys: tuple[str, ...]) -> list[str]:
        if "error-commands" in keys:
            return [callback.failed(facts, message="The installer failed.", log=_LOG)]
        return [callback.installed(facts)]

    user = yaml_body.fill(
        body,
        template.values_of(facts),
        {
            "network": lambda _: netplan.network(facts),
            "ssh_keys": lambda _: list(facts.ssh_keys),
            "storage": lambda _: _storage(disk),
            "callback": called_back,
        },
    )
    # cloud-init asks for vendor-data, and for one that is not there ten times.
    return {"user-data": yaml_body.dump(user), "meta-data": meta_data(facts), "vendor-data": ""}


def kernel_arguments(facts: Facts, config_url: str) -> list[str]:
    """Return where the installer fetches its files, and that it may begin without a question."""
    # Without the last one cloud-init takes the `url=` of an ISO image for a configuration.
    return ["autoinstall", f"ds=nocloud-net;s={config_url}/", "cloud-config-url=/dev/null"]


def _storage(disk: str) -> dict[str, Any]:
    return {"layout": {"name": "direct", "match": {"path": disk}}}
