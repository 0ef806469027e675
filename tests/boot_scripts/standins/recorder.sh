# shellcheck shell=sh
# Shared by the stand-ins: notes each call, and fails where the test asked for it. Sourced, never run.
# STANDIN_STATE: the folder in which a test and the stand-ins leave word for each other.
set -eu
NAME=${0##*/}
# Scripts limit the size of files for some programs; then the word goes into a file of its own.
trap '' XFSZ
printf '%s\n' "$NAME $*" 2>/dev/null >>"$STANDIN_STATE/argv" ||
    printf '%s\n' "$NAME $*" >"$STANDIN_STATE/argv-$$"
trap - XFSZ
# NAME.fails holds what the program complains of; it stays broken until the test takes it away.
if [ -e "$STANDIN_STATE/$NAME.fails" ]; then
    cat "$STANDIN_STATE/$NAME.fails" >&2
    exit 5
fi
