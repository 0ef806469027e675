#!/bin/bash
# Leaves only the kernel modules in an initramfs of dracut that the list of the image marks `initramfs`,
# with what they need (as modules.d/99bearman-modules/module-setup.sh: others have put theirs in before).
# dracut sources this file and calls the functions.

check() {
    return 255 # only where dracut.conf names it
}

depends() {
    return 0
}

installkernel() {
    # shellcheck disable=SC2154 # dracut says where, and of which kernel
    rm -rf "${initdir:?}/lib/modules/$kernel/kernel" "${initdir:?}/lib/firmware"
    while read -r where names; do
        [ "$where" = initramfs ] || continue
        for name in ${names%%  *}; do
            instmods -o "$name"
        done
    done </usr/lib/bearman/kernel-modules.txt
}
