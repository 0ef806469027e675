#!/bin/sh
# The install script to start from: host name, network by systemd-networkd, root's SSH keys.
#
# The facts are in the environment, checked (boot_scripts/README.md lists them). ROOT is a folder
# that stands in for "/". Running it again gives the same again.
set -eu

ROOT=${ROOT:-}
NETWORK=$ROOT/etc/systemd/network
OURS=$NETWORK/05-bearman # before what netplan, cloud-init and the distribution bring (10- and later)
umask 022

# Print each entry of $2, parted by blanks, as a line $1=ENTRY.
each() {
    for entry in $2; do
        printf '%s=%s\n' "$1" "$entry"
    done
}

# Print all addresses, a line "ADDRESS/PREFIX GATEWAY VLAN" for each; `-` for no gateway.
addresses() {
    printf '%s/%s %s %s\n' "$BEARMAN_ADDRESS" "$BEARMAN_PREFIX_LENGTH" \
        "${BEARMAN_GATEWAY:--}" "${BEARMAN_VLAN:-0}"
    [ -z "${BEARMAN_MORE_ADDRESSES:-}" ] || printf '%s\n' "$BEARMAN_MORE_ADDRESSES"
}

# Print the numbers of the VLANs, each once.
vlans() {
    addresses | cut -d ' ' -f 3 | grep -vx 0 | sort -nu
}

# Print the section [Network] of the interface that carries VLAN $1 (0: untagged).
network_section() {
    printf '[Network]\nDHCP=no\nIPv6AcceptRA=no\n'
    if [ "$1" = "${BEARMAN_VLAN:-0}" ]; then
        each DNS "${BEARMAN_DNS:-}"
        [ -z "${BEARMAN_DOMAIN:-}" ] || printf 'Domains=%s\n' "$BEARMAN_DOMAIN"
    fi
    [ "$1" -ne 0 ] || each VLAN "$(vlans | sed 's/^/vlan/' | tr '\n' ' ')"
    addresses | while read -r address gateway vlan; do
        [ "$vlan" = "$1" ] || continue
        printf 'Address=%s\n' "$address"
        [ "$gateway" = - ] || printf 'Gateway=%s\n' "$gateway"
    done
}

# Print how to know the interface with MAC address $1: by the one that it was made with, since the
# members of a bond, and what stands on top, show another's or the same.
match_mac() {
    printf '[Match]\nPermanentMACAddress=%s\n\n' "$1"
}

# Write the files of a bond of all links.
write_bond() {
    {
        printf '[NetDev]\nName=bond0\nKind=bond\nMACAddress=%s\n\n' "${BEARMAN_MACS%% *}"
        printf '[Bond]\nMode=%s\nMIIMonitorSec=100ms\n' "$BEARMAN_BOND_MODE"
        case $BEARMAN_BOND_MODE in
            802.3ad | balance-xor) echo TransmitHashPolicy=layer3+4 ;;
        esac
    } >"$OURS-bond0.netdev"
    number=0
    for mac in $BEARMAN_MACS; do
        {
            match_mac "$mac"
            printf '[Network]\nBond=bond0\n'
        } >"$OURS-member$number.network"
        number=$((number + 1))
    done
    {
        printf '[Match]\nName=bond0\n\n'
        network_section 0
    } >"$OURS-bond0.network"
}

# Write the file of the one link that carries the addresses.
write_link() {
    {
        match_mac "${BEARMAN_MACS%% *}"
        network_section 0
    } >"$OURS-link.network"
}

# Write the files of VLAN $1, which stands on the bond or the link.
write_vlan() {
    printf '[NetDev]\nName=vlan%s\nKind=vlan\n\n[VLAN]\nId=%s\n' "$1" "$1" >"$OURS-vlan$1.netdev"
    {
        printf '[Match]\nName=vlan%s\n\n' "$1"
        network_section "$1"
    } >"$OURS-vlan$1.network"
}

# Replace all that an earlier run wrote.
write_network() {
    mkdir -p "$NETWORK"
    rm -f "$OURS"-*
    if [ -n "${BEARMAN_BOND_MODE:-}" ]; then
        write_bond
    else
        write_link
    fi
    for number in $(vlans); do
        write_vlan "$number"
    done
}

write_hostname() {
    mkdir -p "$ROOT/etc"
    printf '%s\n' "$BEARMAN_HOSTNAME" >"$ROOT/etc/hostname"
}

# Put Bearman's keys between two marks of root's authorized_keys; other keys stay.
write_keys() {
    [ -s "${BEARMAN_SSH_KEYS_FILE:-}" ] || return 0
    keys=$ROOT/root/.ssh/authorized_keys
    mkdir -p "$ROOT/root/.ssh"
    chmod 700 "$ROOT/root/.ssh"
    {
        # awk, since it ends the last line where a person did not.
        [ ! -e "$keys" ] || awk '/^# bearman: begin$/ { ours = 1 }
            !ours
            /^# bearman: end$/ { ours = 0 }' "$keys"
        echo '# bearman: begin'
        cat "$BEARMAN_SSH_KEYS_FILE"
        echo '# bearman: end'
    } >"$keys.new"
    chmod 600 "$keys.new"
    mv "$keys.new" "$keys"
}

# Have the running system take it over; in a rehearsal there is none.
apply() {
    [ -z "$ROOT" ] || return 0
    if command -v hostnamectl >/dev/null; then
        hostnamectl set-hostname "$BEARMAN_HOSTNAME"
    else
        hostname "$BEARMAN_HOSTNAME"
    fi
    command -v networkctl >/dev/null || {
        echo "there is no networkctl: this script is for systems with systemd-networkd" >&2
        exit 1
    }
    systemctl enable --now systemd-networkd
    networkctl reload
}

write_hostname
write_network
write_keys
apply
echo "host name $BEARMAN_HOSTNAME, address $BEARMAN_ADDRESS/$BEARMAN_PREFIX_LENGTH, VLAN ${BEARMAN_VLAN:-0}"
