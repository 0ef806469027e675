#!/bin/sh
# Fetches, verifies and mounts the root that Bearman names. dracut calls it as /sbin/bearmanroot once an
# interface is up, for each of them; the first one does it.
# shellcheck disable=SC1091 # of dracut
command -v getarg >/dev/null || . /lib/dracut-lib.sh

place=/run/initramfs/bearman-root
mkdir "$place" 2>/dev/null || exit 0
mount -t tmpfs -o size=100%,mode=0700,nosuid,nodev,noexec bearman-root "$place"
bearman-root "$place/filesystem.squashfs" </dev/null >/dev/console 2>&1 || exit 1
exec /sbin/dmsquash-live-root "$place/filesystem.squashfs"
