# shellcheck shell=sh
# What Bearman's boot scripts share: how a machine that failed is found. A screen that is read from
# two metres, and the identify light. Sourced after lib.sh, never run.

SCREEN_COLUMNS=79 # a text console has 80, and 25 lines; some wrap after the last one

# Letters four columns wide and five lines high, in the order of their lines.
FONT='
0 .##. #..# #..# #..# .##.
1 ..#. .##. ..#. ..#. .###
2 ###. ...# .##. #... ####
3 ###. ...# .##. ...# ###.
4 #..# #..# #### ...# ...#
5 #### #... ###. ...# ###.
6 .##. #... ###. #..# .##.
7 #### ...# ..#. .#.. .#..
8 .##. #..# .##. #..# .##.
9 .##. #..# .### ...# .##.
A .##. #..# #### #..# #..#
B ###. #..# ###. #..# ###.
C .### #... #... #... .###
D ###. #..# #..# #..# ###.
E #### #... ###. #... ####
F #### #... ###. #... #...
G .### #... #.## #..# .###
H #..# #..# #### #..# #..#
I ### .#. .#. .#. ###
J ..## ...# ...# #..# .##.
K #..# #.#. ##.. #.#. #..#
L #... #... #... #... ####
M #...# ##.## #.#.# #...# #...#
N #..# ##.# #.## #..# #..#
O .##. #..# #..# #..# .##.
P ###. #..# ###. #... #...
Q .##. #..# #..# #.#. .#.#
R ###. #..# ###. #.#. #..#
S .### #... .##. ...# ###.
T ##### ..#.. ..#.. ..#.. ..#..
U #..# #..# #..# #..# .##.
V #...# #...# #...# .#.#. ..#..
W #...# #...# #.#.# ##.## #...#
X #..# #..# .##. #..# #..#
Y #...# .#.#. ..#.. ..#.. ..#..
Z #### ...# .##. #... ####
- ... ... ### ... ...'

# Print $1, capital letters and digits, as five lines of block letters.
block_letters() {
    printf '%s\n' "$FONT" | awk -v text="$1" '
        NF == 6 { for (line = 1; line <= 5; line++) letter[$1, line] = $(line + 1) }
        END {
            for (line = 1; line <= 5; line++) {
                row = "  "
                for (place = 1; place <= length(text); place++) {
                    pixels = letter[substr(text, place, 1), line]
                    gsub(/\./, " ", pixels)
                    row = row (pixels == "" ? "  " : pixels) " "
                }
                sub(/ *$/, "", row)
                print row
            }
        }'
}

# Print label $1 with text $2 folded beside it, in at most $3 lines; the whole text is in file $4.
field() {
    printf '%s\n' "${2:-unknown}" | fold -s -w 62 | awk -v label="$1" -v most="$3" -v file="${4:-}" '
        NR <= most { line[NR] = $0 }
        END {
            if (NR > most) line[most] = "... the rest is in " file
            for (number = 1; number <= NR && number <= most; number++) {
                sub(/ *$/, "", line[number])
                printf "  %-14s%s\n", number == 1 ? label : "", line[number]
            }
        }'
}

# Print what the firmware calls $1 (a name in /sys/class/dmi/id).
dmi() {
    dmi_value=$(words_of "$ROOT/sys/class/dmi/id/$1" 60)
    printf '%s' "${dmi_value:-unknown}"
}

# Print what a person finds on the screen of a machine that stays lit because of step $1: 24 lines at
# the most, so that nothing of it scrolls away.
failure_screen() {
    line='=============================================================================='
    login='at this console; it has no address towards Bearman yet'
    [ ! -s "$RUN/address" ] || login="ssh root@$(words_of "$RUN/address" 45)"
    node=$(words_of "$RUN/node/node_id" 20)
    printf '%s\n' "$line"
    block_letters "FAILED $(words_of "$RUN/issue" 9)"
    printf '%s\n  BEARMAN: THIS MACHINE NEEDS A LOOK. IT STAYS ON.\n' "$line"
    field Machine "$(dmi sys_vendor) $(dmi product_name), serial $(dmi product_serial)" 2
    field Node "${node:-none yet}, UUID $(printf '%s\n' "$BEARMAN_UUID" | one_line 36)" 1
    field Step "$1, code $(words_of "$RUN/issue" 9)" 1
    field Reason "$(words_of "$RUN/reason" 900)" 4 "$RUN/reason"
    field 'What to do' "$(words_of "$RUN/advice" 900)" 4 "$RUN/advice"
    field 'Log in' "$login" 1
    # Not folded: these are for copying.
    printf '  %-14s%s\n' 'Try again' "$AGAIN" Log "$RUN/log/$1.log"
    printf '%s\n' "$line"
}

# Print screen $1 in the colours of a terminal (ECMA-48 SGR): the eight lines of the banner white on
# red, their letters as blocks; labels bold.
coloured() {
    awk -v columns="$SCREEN_COLUMNS" '
        NR <= 8 {
            gsub(/=/, " ")
            row = sprintf("%-" columns "s", $0)
            gsub(/#+/, "\033[47m&\033[41m", row)
            gsub(/#/, " ", row)
            print "\033[1;37;41m" row "\033[0m"
            next
        }
        /^  [A-Z]/ { $0 = "  \033[1m" substr($0, 3, 14) "\033[0m" substr($0, 17) }
        { print }' <"$1"
}

# Show the failure of step $1 on the console and above the login prompts.
show_failure() {
    failure_screen "$1" >"$RUN/screen"
    coloured "$RUN/screen" >"$RUN/screen.colours"
    if [ -t 3 ]; then cat "$RUN/screen.colours" >&3; else cat "$RUN/screen" >&3; fi
    mkdir -p "$ROOT/run/issue.d"
    # agetty expands backslashes. It shows the screen with the next prompt, or now if it is asked.
    sed 's|\\|/|g' "$RUN/screen.colours" >"$ROOT/run/issue.d/bearman.issue"
    [ -n "$ROOT" ] || ! command -v agetty >/dev/null || agetty --reload >/dev/null 2>&1 || :
}

# Have the machine's own BMC switch the identify light on (`force`: until it is switched off) or off
# (0); $RUN/lit is there once it is on. A machine without a BMC, or with one that hangs, has no light,
# and that is no failure.
identify() {
    may_use ipmitool || return 0
    rm -f "$RUN/lit"
    timeout -k 2 10 ipmitool chassis identify "$1" </dev/null >"$RUN/log/light.log" 2>&1 || return 0
    [ "$1" = 0 ] || : >"$RUN/lit"
}
