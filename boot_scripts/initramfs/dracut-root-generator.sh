#!/bin/sh
# Tells systemd in the initramfs how /sysroot is mounted: a layer to write in memory above the root that
# bearmanroot fetches. A generator of systemd: the folder for units is its second argument.
grep -q '\(^\| \)bearman\.root=' /proc/cmdline || exit 0
cat >"$2/sysroot.mount" <<UNIT
[Unit]
Before=initrd-root-fs.target

[Mount]
Where=/sysroot
What=LiveOS_rootfs
Type=overlay
Options=lowerdir=/run/rootfsbase,upperdir=/run/overlayfs,workdir=/run/ovlwork
UNIT
mkdir -p "$2/LiveOS_rootfs.device.d"
printf '[Unit]\nJobTimeoutSec=3000\nJobRunningTimeoutSec=3000\n' >"$2/LiveOS_rootfs.device.d/timeout.conf"
