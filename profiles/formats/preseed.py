"""Preseed, for Debian's installer: https://www.debian.org/releases/stable/amd64/apb.en.html.

The installer keeps the network over which it was booted (by DHCP); the installed system's own
network, with bond and VLAN, is written at the end.
"""

from profiles import template
from profiles.facts import Facts
from profiles.formats import callback
from profiles.formats.devices import disk_for
from profiles.formats.ifupdown import commands

BLOCKS = {
    "network": "Answers on the installer's own network and the host name.",
    "storage": "Answers that partition the whole disk and put the boot loader there.",
    "callback": "First commands of `preseed/late_command`: when the command ends, they tell "
    "Bearman that the system is installed, or which exit code it had.",
    "interfaces": "Commands of `preseed/late_command` that write the installed system's network.",
    "ssh_keys": "Commands of `preseed/late_command` that give root the public SSH keys.",
}
DEFAULT_BODY = """\
d-i debian-installer/locale string en_US.UTF-8
d-i keyboard-configuration/xkb-keymap select us
{{ network }}
d-i mirror/country string manual
d-i mirror/http/hostname string deb.debian.org
d-i mirror/http/directory string /debian
d-i mirror/http/proxy string
d-i clock-setup/utc boolean true
d-i time/zone string Etc/UTC
d-i passwd/root-login boolean true
d-i passwd/root-password-crypted password *
d-i passwd/make-user boolean false
{{ storage }}
d-i apt-setup/cdrom/set-first boolean false
tasksel tasksel/first multiselect standard
d-i pkgsel/include string openssh-server curl
popularity-contest popularity-contest/participate boolean false
d-i preseed/late_command string \\
  {{ callback }} \\
  {{ interfaces }} \\
  {{ ssh_keys }}
d-i finish-install/reboot_in_progress note
"""
_JOIN = " \\\n  "


def render(body: str, facts: Facts) -> dict[str, str]:
    """Return preseed.cfg; raises ValueError with a sentence."""
    values = template.single_words(template.values_of(facts))
    blocks = {
        "network": "\n".join(_network(facts)),
        "storage": "\n".join(_storage(disk_for(body, facts))),
        "callback": _JOIN.join(_callback(facts)),
        "interfaces": _JOIN.join(commands(facts)),
        "ssh_keys": _JOIN.join(_ssh_keys(facts)),
    }
    return {"preseed.cfg": template.render(body, values | blocks)}


def kernel_arguments(facts: Facts, config_url: str) -> list[str]:
    """Return that nothing is asked; the installer finds /preseed.cfg in its initramfs by itself."""
    return ["auto=true", "priority=critical"]


def _network(facts: Facts) -> list[str]:
    return [
        f"d-i netcfg/choose_interface select {facts.links[0].mac}",
        f"d-i netcfg/hostname string {facts.hostname}",  # goes before what DHCP says
        f"d-i netcfg/get_hostname string {facts.hostname}",
        f"d-i netcfg/get_domain string {facts.domain}",
        "d-i netcfg/target_network_config select ifupdown",
    ]


def _storage(disk: str) -> list[str]:
    return [
        f"d-i partman-auto/disk string {disk}",
        "d-i partman-auto/method string regular",
        "d-i partman-auto/choose_recipe select atomic",
        "d-i partman-lvm/device_remove_lvm boolean true",
        "d-i partman-md/device_remove_md boolean true",
        "d-i partman-partitioning/confirm_write_new_label boolean true",
        "d-i partman/choose_partition select finish",
        "d-i partman/confirm boolean true",
        "d-i partman/confirm_nooverwrite boolean true",
        "d-i grub-installer/only_debian boolean true",
        f"d-i grub-installer/bootdev string {disk}",
    ]


def _callback(facts: Facts) -> list[str]:
    message = "The late command of the installer ended with exit code $code."
    failed = callback.failed(facts, message=message, log="/var/log/syslog")
    # The installer's own wget cannot post (busybox without long options), so the target's curl.
    return [
        "set -e;",
        "bearman_end() { code=$?; trap - EXIT;",
        f"if [ $code = 0 ]; then in-target {callback.installed(facts)};",
        f"else in-target {failed}; exit $code; fi; }};",
        "trap bearman_end EXIT;",
        "apt-install curl;",
    ]


def _ssh_keys(facts: Facts) -> list[str]:
    return [
        "mkdir -p -m 700 /target/root/.ssh;",
        "{ :;",
        *(f"echo '{key}';" for key in facts.ssh_keys),
        "} > /target/root/.ssh/authorized_keys;",
        "chmod 600 /target/root/.ssh/authorized_keys;",
    ]
