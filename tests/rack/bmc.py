"""A machine's BMC: ipmi_sim on the network and on the machine's KCS, and the machine's power."""

import stat
import time

from tests.rack.children import Children
from tests.rack.layout import Slot
from tests.rack.qemu import qemu_command
from tests.rack.shell import RackError, inside, run

FACTORY = ("ADMIN", "factory")  # the account that a BMC has when it leaves the factory
KCS_PORT = 9002  # in the BMC's own namespace
ANSWER_SECONDS = 15
# ipmi_lan(5). With no suite after 3 it is asked with -C 3.
CONFIGURATION = """
name "bmc{number}"
set_working_mc 0x20
startlan 1
  addr 0.0.0.0 623
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid {guid}
  lan_config_program "{lan}"
endlan
chassis_control "{chassis}"
serial 15 127.0.0.1 {kcs} codec VM
user 2 true "{user}" "{password}" admin 10 none md2 md5 straight
user 3 false "" "" admin 10 none md2 md5 straight
"""
COMMANDS = """
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""
# Keeps a value a file; what is an address goes onto the BMC's own card.
LAN_PROGRAM = """#!/bin/sh
set -eu
folder={folder}
value_of() {{
    case $1 in
        ip_addr_src) value=dhcp ;;
        mac_addr) value={mac} ;;
        *mac*) value=00:00:00:00:00:00 ;;
        *) value=0.0.0.0 ;;
    esac
    [ ! -e "$folder/$1" ] || value=$(cat "$folder/$1")
}}
apply() {{
    value_of ip_addr; address=$value
    value_of subnet_mask; mask=$value
    [ "$address" != 0.0.0.0 ] && [ "$mask" != 0.0.0.0 ] || return 0
    ip address flush dev lan
    ip address add "$address/$mask" dev lan
    value_of default_gw_ip_addr
    [ "$value" = 0.0.0.0 ] || ip route replace default via "$value" dev lan || :
}}
action=$1
shift
case $action in
    get) for parameter; do value_of "$parameter"; echo "$parameter:$value"; done ;;
    check) [ ! -e "$folder/refuses" ] ;;
    set)
        [ ! -e "$folder/deaf" ] || exit 0
        printf '%s\\n' "$2" >"$folder/$1"
        apply
        ;;
esac
"""
# The machine's power is QEMU's life: ipmi_sim asks this program, where it has one, for all of it.
CHASSIS_PROGRAM = """#!/bin/sh
set -eu
folder={folder}
[ "$1" != 0x20 ] || shift
action=$1
shift
running() {{
    [ -s "$folder/qemu.pid" ] || return 1
    read -r pid <"$folder/qemu.pid"
    state=$(sed 's/.*) //; s/ .*//' "/proc/$pid/stat" 2>/dev/null) || return 1
    [ -n "$state" ] && [ "$state" != Z ]
}}
on() {{
    running || nsenter --net=/run/netns/{namespace} {command} \
        -daemonize -pidfile "$folder/qemu.pid" </dev/null >>"$folder/qemu.log" 2>&1
}}
off() {{
    ! running || kill -9 "$pid"
    while running; do sleep 0.05; done
}}
value_of() {{
    case $1 in
        power) if running; then value=1; else value=0; fi ;;
        *) value=none; [ ! -e "$folder/chassis-$1" ] || read -r value <"$folder/chassis-$1" ;;
    esac
}}
case $action in
    get) for parameter; do value_of "$parameter"; echo "$parameter:$value"; done ;;
    set)
        echo "$*" >>"$folder/chassis.log"
        case "$1 $2" in
            'power 1') on ;;
            'power 0') off ;;
            reset*) off; on ;;
            *) printf '%s\n' "$2" >"$folder/chassis-$1" ;;
        esac
        ;;
esac
"""


def start(slot: Slot, children: Children) -> None:
    """Start the BMC and the socket over which the machine's KCS reaches it."""
    folder = slot.folder
    for name in ("lan", "state"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write(slot, "lan.sh", LAN_PROGRAM.format(folder=folder / "lan", mac=slot.bmc_mac))
    _write_chassis(slot)
    (folder / "lan.conf").write_text(
        CONFIGURATION.format(
            number=slot.number,
            guid=slot.uuid.replace("-", ""),
            lan=folder / "lan.sh",
            chassis=folder / "chassis.sh",
            kcs=KCS_PORT,
            user=FACTORY[0],
            password=FACTORY[1],
        )
    )
    (folder / "commands").write_text(COMMANDS)
    name = f"bmc{slot.number}"
    words = ["ipmi_sim", "-n", "-c", "lan.conf", "-f", "commands", "-s", "state"]
    children.start(name, inside(slot.bmc_namespace, *words), folder=folder)
    relay = f"UNIX-LISTEN:{folder / 'kcs.sock'},fork,unlink-early"
    words = ["socat", relay, f"TCP:127.0.0.1:{KCS_PORT}"]
    children.start(f"{name}-kcs", inside(slot.bmc_namespace, *words))
    _wait_until_it_answers(slot)


def button(slot: Slot) -> None:
    """Press the power button: the machine gets power, and Bearman has no part in it."""
    ask(slot, "chassis", "power", "on")


def is_on(slot: Slot) -> bool:
    """Whether the machine has power, by its own BMC."""
    return ask(slot, "chassis", "power", "status").strip().endswith("is on")


def ask(slot: Slot, *words: str) -> str:
    """Ask the BMC on its own loopback, with the account that it came with; raises RackError."""
    account = ("-U", FACTORY[0], "-P", FACTORY[1])
    there = ("ipmitool", "-I", "lanplus", "-C", "3", "-H", "127.0.0.1", *account)
    return run(*inside(slot.bmc_namespace, *there, *words))


def _write_chassis(slot: Slot) -> None:
    command = " ".join(f"'{word}'" for word in qemu_command(slot))
    text = CHASSIS_PROGRAM.format(
        folder=slot.folder, namespace=slot.layout.namespace, command=command
    )
    _write(slot, "chassis.sh", text)


def _write(slot: Slot, name: str, text: str) -> None:
    path = slot.folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _wait_until_it_answers(slot: Slot) -> None:
    limit = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            ask(slot, "mc", "info")
        except RackError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)
        else:
            return
