"""Makes images that machines boot, from recipes: Ansible in an LXD container, exported and published."""
