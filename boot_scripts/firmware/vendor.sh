# shellcheck shell=sh
# Firmware that comes as the vendor's own executable: the artefact is the tool. Sourced, never run.

vendor_apply() {
    chmod 700 "$artefact"
    run_tool "$artefact" "$@"
}

# Of an executable that can tell: its first line is the version that the component has.
vendor_version() {
    chmod 700 "$artefact"
    BEARMAN_FIRMWARE_TARGET=$target
    export BEARMAN_FIRMWARE_TARGET
    bounded 60 "$artefact" --version
}
