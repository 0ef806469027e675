#!/bin/sh
# Has dracut call bearmanroot where the kernel command line names a root with bearman.root=. A hook of
# dracut's command line, before livenet's: sourced, so it ends nothing.
if getarg bearman.root= >/dev/null; then
    # shellcheck disable=SC2034 # dracut reads all three
    netroot=bearman root=bearman rootok=1
    # The network must come up, whatever root= says: ip=dhcp where nothing else is asked for.
    getarg ip= >/dev/null || echo ip=dhcp >/etc/cmdline.d/bearman.conf
    echo rd.neednet=1 >>/etc/cmdline.d/bearman.conf
    wait_for_dev -n /dev/root
fi
