"""Tests of the BMC drivers against BMCs that speak IPMI."""
