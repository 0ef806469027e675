# shellcheck shell=sh
# Firmware of NVIDIA (Mellanox) adapters: mstflint(1) burns an image over PCI. Sourced, never run.

# Print the PCI address of the interface, as its driver tells it.
mstflint_device() {
    ask_driver "$target" >"$FIRMWARE/driver" || :
    mstflint_bus=$(sed -n 's/^bus-info: *//p' "$FIRMWARE/driver" | head -n 1)
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
    bounded 60 mstflint --device "$mstflint_address" query >"$FIRMWARE/details"
    sed -n 's/^FW Version: *//p' "$FIRMWARE/details" | head -n 1
}
