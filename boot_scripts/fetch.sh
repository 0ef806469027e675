# shellcheck shell=sh
# What Bearman's boot scripts share: fetching large files from the storage. Sourced after web.sh, never
# run.

SLICE=${BEARMAN_FETCH_SLICE:-30} # seconds of a download between two words to Bearman
LEAST_SPEED=65536                # bytes a second; slower counts as away
DAMAGED=11                       # a download came whole and is not what it should be
MEBIBYTE=1048576

# Print the size of file $1 in bytes; 0 where there is none.
size_of() {
    if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi
}

# Go on with the download of $3 into file $1, of $2 bytes, for at most $4 seconds. Ends with curl's
# code; the HTTP status is in $RUN/http. No token: the storage is none of Bearman's processes.
fetch_slice() {
    http "$3" "$1" "$2" '' --max-time "$4" --fail -C - >"$RUN/http" 2>"$RUN/problem"
}

# Say in $RUN/problem that file $1 came with $2 where Bearman says $3, throw it away; DAMAGED.
damaged() {
    echo "${1##*/} came with $2, not $3" >"$RUN/problem"
    rm -f "$1"
    return "$DAMAGED"
}

# Get file $1 whole, of $2 bytes, from $3: it goes on where an earlier try broke off, and tells
# Bearman every SLICE seconds, as progress of step $4. AWAY, DENIED, REFUSED or DAMAGED with the reason
# in $RUN/problem.
fetch_rest() {
    seconds=$SLICE
    while :; do
        had=$(size_of "$1")
        slice_code=0
        fetch_slice "$1" "$2" "$3" "$seconds" || slice_code=$?
        has=$(size_of "$1")
        [ "$has" -ne "$2" ] || return 0
        read -r status _ <"$RUN/http" || status=000
        case $slice_code:$status in
            0:200 | 0:206 | 0:416 | 22:416) # whole, and shorter than it should be
                damaged "$1" "$has bytes" "$2"
                return
                ;;
            23:* | 63:* | 153:*)
                if [ "$slice_code:$((has > $2))" = 23:0 ]; then # what a full disk gives, too
                    echo "there is no room for the $2 bytes of ${1##*/}" >"$RUN/problem"
                    rm -f "$1"
                    return "$REFUSED"
                fi
                damaged "$1" "more than $2 bytes" "$2"
                return
                ;;
            33:*) # a server without ranges: from nothing, and at one go
                rm -f "$1"
                seconds=3600
                ;;
            0:* | 22:*)
                rm -f "$1" # no page that says why is ever part of a kernel
                echo "$(without_query "$3") answered $status" >"$RUN/problem"
                code_of_status "$status"
                return
                ;;
            28:*)
                [ $((has - had)) -ge $((seconds * LEAST_SPEED)) ] || return "$AWAY"
                report "$4" progress "${1##*/}: $((has / MEBIBYTE)) of $(($2 / MEBIBYTE)) MiB" 10 || :
                ;;
            *)
                explain_certificate "$slice_code" "$3"
                return "$AWAY"
                ;;
        esac
    done
}

# As fetch_rest, and the file must have SHA-256 $5.
fetch_right() {
    fetch_rest "$1" "$2" "$3" "$4" || return
    sum=$(sha256sum <"$1")
    [ "${sum%% *}" = "$5" ] || damaged "$1" "SHA-256 ${sum%% *}" "$5"
}

# Fetch file $1, which is $2 ("SHA256 BYTES URL"), for step $3. What is damaged is fetched once more
# from nothing. Codes as for fetch_rest.
fetch_file() {
    size_and_url=${2#* }
    say "fetching ${1##*/}: $(without_query "${2##* }")"
    forget_problem
    for try in 1 2; do
        fetch_code=0
        retry_while_away fetch_right "$1" "${size_and_url%% *}" "${2##* }" "$3" "${2%% *}" ||
            fetch_code=$?
        [ "$fetch_code" -eq "$DAMAGED" ] || return "$fetch_code"
        [ "$try" -eq 2 ] || say "$(words_of "$RUN/problem" 400); fetching it once more"
    done
    return "$DAMAGED"
}
