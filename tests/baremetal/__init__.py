"""Tests of baremetal."""
