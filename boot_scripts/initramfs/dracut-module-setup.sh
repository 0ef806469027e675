#!/bin/sh
# Puts bearman-seed into an initramfs of dracut (as modules.d/90bearman-seed/module-setup.sh).
# dracut sources this file and calls the functions.

check() {
    return 0
}

depends() {
    return 0
}

install() {
    inst_multiple chmod cp mkdir rm
    # shellcheck disable=SC2154 # dracut says where the module is
    inst_hook pre-pivot 50 "$moddir/bearman-seed.sh"
}
