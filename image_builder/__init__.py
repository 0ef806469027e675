"""Makes images that machines boot: recipes, Ansible in an LXD container, export, publication."""
