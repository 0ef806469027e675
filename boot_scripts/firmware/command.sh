# shellcheck shell=sh
# Firmware that a program of the stage-one image applies: the first argument is its name, `@file@` among
# the others is the artefact and `@target@` the component. Sourced, never run.

# Print word $1 with what it stands for.
command_word() {
    case $1 in
        @file@) printf '%s' "$artefact" ;;
        @target@) printf '%s' "$target" ;;
        *) printf '%s' "$1" ;;
    esac
}

command_apply() {
    command_program=$1
    refuse_in_rehearsal "$command_program"
    shift
    # Each word goes from the front to the end.
    for command_argument in "$@"; do
        shift
        set -- "$@" "$(command_word "$command_argument")"
    done
    run_tool "$command_program" "$@"
}

# Of a program that can tell: called with --version and nothing else, its first line is the version that
# the component has.
command_version() {
    refuse_in_rehearsal "$1"
    BEARMAN_FIRMWARE_TARGET=$target
    export BEARMAN_FIRMWARE_TARGET
    bounded 60 "$1" --version
}
