#!/bin/sh
# Takes away what belongs to one machine or to the build; runs in the container as its last program.
# Needs nothing but a POSIX shell and coreutils.
set -eu
cd "${ROOT:-/}"

: >etc/machine-id
rm -f var/lib/dbus/machine-id etc/hostname etc/.updated var/.updated
rm -f etc/ssh/ssh_host_*_key etc/ssh/ssh_host_*_key.pub
rm -f var/lib/systemd/random-seed var/lib/systemd/credential.secret
rm -rf var/lib/systemd/timers var/lib/systemd/coredump var/lib/systemd/rfkill
rm -rf var/lib/systemd/timesync var/lib/private/systemd
rm -f var/lib/dhcp/*.leases var/lib/dhclient/*.leases var/lib/NetworkManager/*.lease

# What the builder itself brought.
rm -f etc/apt/apt.conf.d/01bearman-build etc/systemd/network/00-bearman-build.network
rm -f usr/sbin/policy-rc.d
if [ "$(readlink etc/systemd/system/systemd-binfmt.service || :)" = /dev/null ]; then
    rm -f etc/systemd/system/systemd-binfmt.service
fi
[ -L etc/resolv.conf ] || rm -f etc/resolv.conf

# Caches, and lists that are old by the time that anybody reads them.
rm -rf var/lib/apt/lists/* var/cache/apt/* var/cache/dnf var/cache/yum var/lib/dnf/history.sqlite*
rm -rf var/cache/debconf/*-old var/cache/ldconfig/* var/cache/man/* var/cache/fontconfig
rm -f var/lib/dpkg/*-old etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid-
rm -rf root/.ansible root/.cache root/.bash_history root/.lesshst root/.wget-hsts root/.python_history

# Logs: the files stay away, the folders stay.
find var/log -xdev -type f -delete
rm -rf var/log/journal/*

find tmp var/tmp -xdev -mindepth 1 -delete
