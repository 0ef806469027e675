# shellcheck shell=sh
# Step `verify` of kexec.sh: whether a key that this stage one knows has signed what is to be booted.
# Sourced after fetch.sh, never run.
# shellcheck disable=SC2154 # what read_plan has read

# shellcheck disable=SC2153 # it is ROOT
IMAGE_KEYS=$ROOT/etc/bearman/image-keys # public keys (PEM, Ed25519), put there by the image's recipe
VERIFY=$RUN/verify
MAX_MANIFEST=1048576 # bytes
# shellcheck disable=SC2034 # for kexec.sh
SIGNATURE_FORM='[A-Za-z0-9+/]{86}==' # base64 of the 64 bytes of RFC 8032 section 5.1.6
# shellcheck disable=SC2034
IMAGE_FORM='[A-Za-z0-9_][A-Za-z0-9._-]{0,99} [0-9A-Za-z][0-9A-Za-z._+-]{0,63}'
NAME_FORM='[A-Za-z0-9][A-Za-z0-9._+-]*' # of a file in a manifest
SHOW="\`bearman-cli image show\`"       # where an operator reads what Bearman has

# Print the name of each key file, a line for each; those that cannot be read count, too.
key_files() {
    for key_file in "$IMAGE_KEYS"/*.pem; do
        if [ -e "$key_file" ] || [ -L "$key_file" ]; then printf '%s\n' "$key_file"; fi
    done
}

# Fail unless there is an OpenSSL that can verify Ed25519 signatures of a file (pkeyutl -rawin).
require_openssl() {
    openssl_version=$(openssl version 2>&1 | one_line 80) || :
    case $openssl_version in
        'OpenSSL '[3-9].* | 'OpenSSL '[1-9][0-9].*) return ;;
    esac
    fail "$FAILED" "signatures cannot be verified here: \`openssl version\` says $openssl_version" \
        "Put OpenSSL 3 into the stage-one image, build and promote it, and redeploy." DEP-027
}

# Fetch the manifest of the image into the folder of this step.
fetch_manifest() {
    [ "$(size_in "$manifest")" -le "$MAX_MANIFEST" ] || unusable_answer "$PLAN" manifest
    fetch_system_file "$VERIFY/manifest" "$manifest" verify
}

# True if key file $1 can be read and is of the right kind.
is_key() {
    [ "$(timeout 20 openssl pkey -pubin -in "$1" -noout -text </dev/null 2>&1 | head -n 1)" = \
        'ED25519 Public-Key:' ]
}

# True if the manifest's signature is by the key in file $1.
is_signed_by() {
    timeout 20 openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$VERIFY/manifest" \
        -sigfile "$VERIFY/signature" </dev/null
}

# Fail unless one of the keys has signed the manifest.
check_signature() {
    printf '%s' "$signature" | openssl base64 -d -A >"$VERIFY/signature"
    key_files >"$VERIFY/keys"
    known=0
    while IFS= read -r key; do
        is_key "$key" || {
            say "$key is no public Ed25519 key that can be read; it is left out"
            continue
        }
        known=$((known + 1))
        if is_signed_by "$key"; then
            say "the manifest of $label is signed by ${key##*/}"
            return
        fi
    done <"$VERIFY/keys"
    [ "$known" -gt 0 ] || fail "$FAILED" "none of the keys in $IMAGE_KEYS can be read" \
        "Put readable public keys into the stage-one image, build and promote it, and redeploy." DEP-027
    fail "$FAILED" "the manifest of $label is signed by none of the keys of this stage one ($known)" \
        "Compare the image's key ($SHOW) with those in $IMAGE_KEYS. Build stage one with the right key; if \
it has it, somebody has tampered with the image." DEP-024
}

# Fail because file $1 is not the one in the manifest.
not_in_manifest() {
    fail "$FAILED" "$1 is not the one in the signed manifest of $label" \
        "Publish the image anew under another version and redeploy. Has somebody changed its files, \
or its row in Bearman?" DEP-026
}

# Fail because the manifest cannot be read line by line.
unknown_form() {
    fail "$FAILED" "the signed manifest of $label is not in the form that this stage one reads" \
        "Are image_builder and the boot scripts of one version? Build and publish the image again." DEP-026
}

# True if the manifest has line $1, the whole of it, and only once.
has_line() {
    [ "$(grep -c -Fx -e "$1" "$VERIFY/manifest")" = 1 ]
}

# Fail unless the manifest is of the image and the version that the plan names. Both stand at its
# outermost level, which is two blanks deep in the one form that manifests are written in.
check_name() {
    [ "$(tr -d '\n\040-\176\200-\377' <"$VERIFY/manifest" | wc -c)" -eq 0 ] || unknown_form
    for line in '  "format": 1,' '  "files": {'; do
        has_line "$line" || unknown_form
    done
    for line in "  \"name\": \"${image% *}\"," "  \"version\": \"${image#* }\","; do
        has_line "$line" || fail "$FAILED" \
            "the manifest is signed, and is not of $label but of $(manifest_name)" \
            "Publish this version of the image anew and redeploy. Has somebody put another in its place?" \
            DEP-025
    done
}

# Print what the manifest says that it is of.
manifest_name() {
    sed -n -e 's/^  "name": "\(.*\)",$/\1/p' -e 's/^  "version": "\(.*\)",$/\1/p' "$VERIFY/manifest" |
        tr '\n' '/' | one_line 180 | sed 's,/$,,'
}

# Fail unless the manifest has file $1 with the size and the SHA-256 of $2 ("SHA256 BYTES URL").
check_file() {
    sed -n '/^  "files": {$/,/^  }/p' "$VERIFY/manifest" | grep -e "^    \"$1\": " >"$VERIFY/file" || :
    file_form="    \"$1\": \\{\"name\": \"$NAME_FORM\", \"sha256\": \"${2%% *}\", \"size\": $(size_in "$2")\\},?"
    matches "$(cat "$VERIFY/file")" "$file_form" || not_in_manifest "$1"
}

# Fail unless the new system compares its root with what the manifest says: its initramfs goes by
# what the kernel command line names.
check_root() {
    named=$(printf '%s\n' "$append" | tr '[:blank:]' '\n' | grep '^bearman\.root=') || :
    wanted=
    if [ -n "$root" ]; then
        check_file root "$root"
        wanted="bearman.root=${root%% *}:$(size_in "$root")"
    fi
    [ "$named" = "$wanted" ] || not_in_manifest "the root on the kernel command line"
}

# See that a key which this stage one knows has signed all that is to be booted. Nothing of it has been
# fetched yet; what is fetched then is compared with the same sizes and SHA-256.
verify_image() {
    read_plan
    if [ -z "$(key_files)" ]; then
        say "no key in $IMAGE_KEYS: the SHA-256 of the files is compared, and not who made them"
        return
    fi
    require_openssl
    label=${image% *}/${image#* }
    [ -n "$manifest" ] && [ -n "$signature" ] && [ -n "$image" ] || fail "$FAILED" \
        "the image is not signed, and this stage one boots signed images only" \
        "Publish the image with its manifest and signature and redeploy, or use a stage one without keys." \
        DEP-023
    rm -rf "$VERIFY"
    mkdir "$VERIFY"
    fetch_manifest
    check_signature
    check_name
    check_file kernel "$kernel"
    check_file initramfs "$initramfs"
    check_root
    say "kernel, initramfs and root of $label are those of the signed manifest"
}
