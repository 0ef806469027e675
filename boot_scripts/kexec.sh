#!/bin/sh
# Brings up the system that Bearman wants on this machine: fetches and verifies it, and kexecs.
# The list of steps is at the end. To go on in the middle: kexec.sh --from STEP.
# shellcheck disable=SC2329 # steps are called by their names
set -eu

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=screen.sh
. "${0%/*}/screen.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=web.sh
. "${0%/*}/web.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "${0%/*}/fetch.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=verify.sh
. "${0%/*}/verify.sh" # bearman: inline

PLAN=$RUN/plan
FETCHED=$RUN/fetch # on a tmpfs, like all of the run folder
FILE_FORM="[0-9a-f]{64} [1-9][0-9]{0,10} $URL_FORM"

# Have Bearman boot the same system over the network, for reason $1 with code $2, and leave the rest
# out. Where it cannot be told, its deadline for kexec comes to the same.
boot_cold() {
    say "no kexec here: $1"
    : >"$RUN/cold-boot"
    rm -rf "$FETCHED"
    if report kexec cold_boot "$1" 90 "$2"; then
        say "Bearman has been told; it will switch this machine off and on, and boot it cold"
    else
        say "Bearman could not be told ($(tail -n 1 "$RUN/log/report.log" | one_line 200)); \
it will find out by itself and switch this machine off and on"
    fi
    exit 0
}

# As `step`, but the last one where kexec turns out not to be for this machine.
kexec_step() {
    step "$@"
    [ ! -e "$RUN/cold-boot" ] || exit 0
}

# --- plan ----------------------------------------------------------------------------------------

# Ask what to boot.
ask_for_plan() {
    plan_code=0
    retry_while_away get "$BEARMAN_URL/ipxe/$BEARMAN_UUID" "$PLAN" token || plan_code=$?
    [ "$plan_code" -eq 0 ] || fail_for "$plan_code" \
        "Look at this machine's deployment in Bearman's Admin: is it still to be deployed?" DEP-019
    read_plan
    say "to boot: kernel of $(size_in "$kernel") bytes, initramfs of $(size_in "$initramfs") bytes"
    say "command line: $(printf '%s\n' "$append" | without_queries)"
}

# Read the plan, of which every line that this script knows must be right. What it does not know is
# left alone: Bearman may be newer than this script.
read_plan() {
    check_lines "$PLAN"
    [ "$(head -n 1 "$PLAN")" = 'bearman-plan 1' ] || unusable_answer "$PLAN" 'first line'
    value_in "$PLAN" nonce '[A-Za-z0-9_-]{16,64}' >/dev/null
    image=$(value_in "$PLAN" image "$IMAGE_FORM" optional)
    manifest=$(value_in "$PLAN" manifest "$FILE_FORM" optional)
    signature=$(value_in "$PLAN" signature "$SIGNATURE_FORM" optional)
    root=$(value_in "$PLAN" root "$FILE_FORM" optional) # the system fetches it itself
    kernel=$(value_in "$PLAN" kernel "$FILE_FORM")
    initramfs=$(value_in "$PLAN" initramfs "$FILE_FORM")
    seed=$(value_in "$PLAN" seed "$URL_FORM")
    memory=$(value_in "$PLAN" memory '0|[1-9][0-9]{0,14}')
    append=$(value_in "$PLAN" append '[ -~]{1,250}[ -~]*')
    # COMMAND_LINE_SIZE of x86 is 2048, with the NUL at the end.
    [ "${#append}" -lt 2048 ] || unusable_answer "$PLAN" append
    # The boot token goes with it, and is for Bearman alone.
    case $seed in
        "$BEARMAN_URL"/*) ;;
        *) unusable_answer "$PLAN" seed ;;
    esac
    denied=$(values_in "$PLAN" deny-nic '[A-Za-z0-9_-]{1,40} [][A-Za-z0-9 .,*?!()_^/:+-]{1,100}')
}

# Print the second word of $1, "SHA256 BYTES URL".
size_in() {
    size_and_url=${1#* }
    printf '%s' "${size_and_url%% *}"
}

# --- preflight -----------------------------------------------------------------------------------

# Print the kibibytes that /proc/meminfo gives for $1; nothing where it has no such line.
memory_kib() {
    sed -n "s/^$1: *\([0-9]\{1,12\}\) kB$/\1/p" "$ROOT/proc/meminfo" | head -n 1
}

# Fail if the system is too large for this machine, however it is booted. MemTotal is without what
# the firmware and a crash kernel keep, so a tenth is forgiven.
check_memory() {
    total=$(memory_kib MemTotal)
    [ -n "$total" ] || fail "$FAILED" "/proc/meminfo does not say how much memory there is" \
        "Look at the stage-one image." DEP-001
    [ $((total * 10240 / 9)) -ge "$memory" ] || fail "$FAILED" \
        "this machine has $((total / 1024)) MiB of memory and the system needs $((memory / MEBIBYTE))" \
        "Choose a smaller image, or a machine with more memory." DEP-004
}

# Boot cold if there is no room for the files in the run folder, and once more for what kexec loads.
check_room() {
    wanted=$(($(size_in "$kernel") + $(size_in "$initramfs") + 2 * MEBIBYTE))
    room=$(df -P -k "$RUN" | awk 'NR == 2 { print $4 }')
    ! matches "$room" '[0-9]{1,15}' || [ $((room * 1024)) -ge "$wanted" ] || boot_cold \
        "$RUN has room for $((room / 1024)) MiB and the system's files are $((wanted / MEBIBYTE)) MiB" \
        DEP-006
    available=$(memory_kib MemAvailable)
    [ -z "$available" ] || [ $((available * 1024)) -ge $((2 * wanted)) ] || boot_cold \
        "$((available / 1024)) MiB of memory are free and kexec needs $((2 * wanted / MEBIBYTE))" \
        DEP-006
}

# Boot cold if interface $1 has driver and firmware on which kexec is known to fail.
check_nic() {
    ask_driver "$1" >"$RUN/nic" 2>&1 || :
    driver=$(sed -n 's/^driver: *//p' "$RUN/nic" | head -n 1 | one_line 40)
    firmware=$(sed -n 's/^firmware-version: *//p' "$RUN/nic" | head -n 1 | one_line 100)
    while read -r denied_driver denied_firmware; do
        [ -n "$driver" ] && [ "$driver" = "$denied_driver" ] || continue
        # shellcheck disable=SC2254 # it is a pattern
        case $firmware in
            $denied_firmware) boot_cold "$1 has driver $driver with firmware $firmware, \
which is on the list of those that do not survive a kexec" DEP-005 ;;
        esac
    done <<EOL
$denied
EOL
}

# See that this machine can take the system, and that kexec is the way.
check_machine() {
    read_plan
    check_memory
    check_room
    for nic in $(physical_interfaces); do
        check_nic "$nic"
    done
}

# --- fetch ---------------------------------------------------------------------------------------

# Fetch file $1 of the image, which is $2 ("SHA256 BYTES URL"), for step $3.
fetch_system_file() {
    file_code=0
    fetch_file "$1" "$2" "$3" || file_code=$?
    case $file_code in
        0) ;;
        "$DAMAGED") fail "$FAILED" "$(words_of "$RUN/problem" 400), also at the second try" \
            "Compare the image in the storage with its checksum in Bearman, and look for a proxy on the way." \
            DEP-002 ;;
        "$DENIED") fail "$file_code" "$(words_of "$RUN/problem" 400)" \
            "The storage lets this machine not have it: are images public there, or addresses signed \
(BEARMAN_S3_URLS), and its clock right? Then redeploy." DEP-003 ;;
        *) fail_for "$file_code" "See that $(without_query "${2##* }") can be fetched from here: \
is the image still in the storage?" DEP-003 ;;
    esac
}

# Fetch the archive with the secret of the new system; it is Bearman's own, so it takes the token.
fetch_seed() {
    seed_code=0
    retry_while_away get "$seed" "$FETCHED/seed" token || seed_code=$?
    [ "$seed_code" -eq 0 ] || fail_for "$seed_code" \
        "Look at this machine's deployment in Bearman." DEP-003
    [ "$(head -c 6 "$FETCHED/seed" | tr -d '\000')" = 070701 ] || fail "$FAILED" \
        "Bearman's seed is no newc archive" "Look at Bearman's log for this machine." BOOT-006
}

# Get all the files, and make one initramfs of the image's and the seed: the kernel unpacks one after
# the other, each at a multiple of four bytes (driver-api/early-userspace/buffer-format.rst).
fetch_all() {
    read_plan
    rm -rf "$FETCHED"
    mkdir "$FETCHED"
    fetch_system_file "$FETCHED/kernel" "$kernel" fetch
    fetch_system_file "$FETCHED/initramfs" "$initramfs" fetch
    fetch_seed
    padding=$(((4 - $(size_in "$initramfs") % 4) % 4))
    head -c "$padding" /dev/zero >>"$FETCHED/initramfs"
    cat "$FETCHED/seed" >>"$FETCHED/initramfs"
    rm "$FETCHED/seed"
}

# --- kexec ---------------------------------------------------------------------------------------

# Load the system, and jump. In a rehearsal both are stand-ins.
jump() {
    refuse_in_rehearsal kexec
    refuse_in_rehearsal systemctl
    read_plan
    load_code=0
    timeout 120 kexec -l "$FETCHED/kernel" --initrd="$FETCHED/initramfs" \
        --command-line="$append" >"$RUN/complaint" 2>&1 || load_code=$?
    [ "$load_code" -eq 0 ] || boot_cold \
        "kexec -l ended with code $load_code: $(words_of "$RUN/complaint" 300)" DEP-007
    report kexec progress "the system is loaded and verified; jumping into it" 10 || :
    say "jumping into the system; the console may stay dark for a while"
    sync
    if command -v systemctl >/dev/null && systemctl kexec; then
        return
    fi
    kexec -e || boot_cold "kexec -e ended with code $?" DEP-007
}

# --- the list ------------------------------------------------------------------------------------

begin_steps "$@"
rm -f "$RUN/cold-boot"
step network wait_for_network BOOT-001
KNOWN=1
kexec_step plan ask_for_plan DEP-019
kexec_step preflight check_machine DEP-001
kexec_step verify verify_image DEP-027
kexec_step fetch fetch_all DEP-003
kexec_step kexec jump DEP-007
end_steps
