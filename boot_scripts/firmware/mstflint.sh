# shellcheck shell=sh
# Firmware of NVIDIA (Mellanox) adapters: mstflint(1) burns an image over PCI. Sourced, never run.

# Print the PCI address of the interface, as its driver tells it.
mstflint_device() {
    mstflint_bus=$(timeout -k 2 20 ethtool -i "$target" | sed -n 's/^bus-info: *//p' | head -n 1)
    matches "$mstflint_bus" '[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]' || {
        echo "$target is no interface on a PCI bus" >&2
        return 1
    }
    printf '%s' "$mstflint_bus"
}

mstflint_apply() {
    refuse_in_rehearsal mstflint
    mstflint_address=$(mstflint_device) || return
    run_tool mstflint --device "$mstflint_address" --image "$artefact" --yes "$@" burn
}

mstflint_version() {
    refuse_in_rehearsal mstflint
    mstflint_address=$(mstflint_device) || return
    timeout -k 2 60 mstflint --device "$mstflint_address" query |
        sed -n 's/^FW Version: *//p' | head -n 1
}
