# shellcheck shell=sh
# Firmware in a cabinet of the Linux Vendor Firmware Service: fwupdmgr(1). Sourced, never run.

# Code 2 means that there was nothing to do (fwupdmgr(1), EXIT STATUS): the version says whether so.
fwupdmgr_apply() {
    refuse_in_rehearsal fwupdmgr
    run_tool fwupdmgr install "$artefact" --assume-yes --no-reboot-check "$@" || {
        fwupdmgr_code=$?
        [ "$fwupdmgr_code" -eq 2 ] || return "$fwupdmgr_code"
    }
}

# What the machine has of the first device that the cabinet is for.
fwupdmgr_version() {
    refuse_in_rehearsal fwupdmgr
    bounded 60 fwupdmgr get-details "$artefact" >"$FIRMWARE/details"
    sed -n 's/.*Current version: *//p' "$FIRMWARE/details" | head -n 1
}
