"""Tests of the storage: a folder, and a real Ceph object gateway."""
