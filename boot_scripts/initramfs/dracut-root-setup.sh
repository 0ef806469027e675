#!/bin/sh
# Puts bearman-root into an initramfs of dracut (as modules.d/90bearman-root/module-setup.sh): it fetches
# and verifies the root that Bearman names on the kernel command line, and dmsquash-live mounts it.
# dracut sources this file and calls the functions.

check() {
    return 255 # only where dracut.conf names it
}

depends() {
    echo network url-lib dmsquash-live
}

install() {
    inst_multiple curl cut grep head mkdir mount reboot rm sed sha256sum sleep stat tail tr
    # shellcheck disable=SC2154 # dracut says where the module is
    inst_script "$moddir/bearman-root" /sbin/bearman-root
    # netroot= of the hook below names it: dracut calls /sbin/NAMEroot once an interface is up.
    inst_script "$moddir/bearmanroot.sh" /sbin/bearmanroot
    inst_hook cmdline 28 "$moddir/parse-bearman.sh"
    if dracut_module_included systemd-initrd; then
        # shellcheck disable=SC2154 # dracut says where systemd is
        inst_script "$moddir/generator.sh" "$systemdutildir/system-generators/dracut-bearman-generator"
    fi
    dracut_need_initqueue
}
