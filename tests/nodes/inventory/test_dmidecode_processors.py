"""Processors: which sockets count, and what their numbers add up to."""

import pytest

from nodes.inventory import Processor, parse_dmidecode
from nodes.inventory.dmi_processors import MAX_PROCESSORS
from tests.nodes.inventory.builder import processor


def test_totals_are_over_the_populated_sockets() -> None:
    counts = {"Core Count": "16", "Core Enabled": "12", "Thread Count": "32"}
    empty = processor(3, Status="Unpopulated", Version="Not Specified")
    found = parse_dmidecode(processor(1, **counts) + processor(2, **counts) + empty)
    assert (found.cpu_sockets_populated, found.cpu_cores, found.cpu_threads) == (2, 32, 64)


@pytest.mark.parametrize("state", ["Enabled", "Idle", "Disabled By BIOS", "Unknown"])
def test_a_processor_in_any_state_fills_its_socket(state: str) -> None:
    found = parse_dmidecode(processor(1, Status=f"Populated, {state}"))
    assert found.cpu_sockets_populated == 1


@pytest.mark.parametrize("kind", ["Math Processor", "DSP Processor", "Video Processor"])
def test_a_processor_of_another_kind_is_left_out(kind: str) -> None:
    assert parse_dmidecode(processor(1) + processor(2, Type=kind)).cpu_sockets_populated == 1


def test_an_arm_processor_that_calls_itself_other_counts() -> None:
    assert parse_dmidecode(processor(1, Type="Other")).cpu_sockets_populated == 1


def test_a_structure_without_a_status_counts_if_it_names_a_processor() -> None:
    named = processor(1, Status="")
    nameless = processor(2, Status="", Version="Not Specified")
    assert parse_dmidecode(named + nameless).cpu_sockets_populated == 1


def test_sockets_that_are_all_empty_are_zero_not_unknown() -> None:
    found = parse_dmidecode(processor(1, Status="Unpopulated"))
    assert (found.cpu_sockets_populated, found.cpu_cores) == (0, None)


def test_a_processor_that_does_not_say_its_cores_is_left_out_of_the_sum_with_a_warning() -> None:
    counted = processor(1, **{"Core Count": "4", "Thread Count": "8"})
    found = parse_dmidecode(counted + processor(2))
    assert (found.cpu_cores, found.cpu_threads) == (4, 8)
    assert "cpu_cores: 1 of 2 processors do not say" in found.warnings
    assert "cpu_threads: 1 of 2 processors do not say" in found.warnings


def test_cores_are_unknown_when_no_processor_says_them() -> None:
    found = parse_dmidecode(processor(1) + processor(2, **{"Core Count": "0"}))
    assert (found.cpu_sockets_populated, found.cpu_cores, found.cpu_threads) == (2, None, None)
    assert "cpu_cores: 2 of 2 processors do not say" in found.warnings


def test_the_model_is_the_first_that_is_given() -> None:
    unnamed = processor(1, Version="To Be Filled By O.E.M.")
    found = parse_dmidecode(unnamed + processor(2, Version="  Quad-Core AMD Opteron  "))
    assert found.cpu_model == "Quad-Core AMD Opteron"


def test_different_models_are_a_warning() -> None:
    found = parse_dmidecode(processor(1) + processor(2, Version="AMD EPYC 7402P"))
    assert found.cpu_model == "AMD EPYC 7302P"
    assert "cpu_model: 2 different models" in found.warnings


def test_each_processor_is_kept_with_its_own_numbers() -> None:
    lines = {"Manufacturer": "AMD", "Core Count": "16", "Thread Count": "32"}
    found = parse_dmidecode(processor(1, **lines, **{"Max Speed": "3300 MHz"}))
    assert found.processors == (Processor("CPU1", "AMD", "AMD EPYC 7302P", 16, 32, 3300),)
    assert "processors" not in found.as_dict()


def test_more_processors_than_any_machine_has_are_cut_off_with_a_warning() -> None:
    found = parse_dmidecode("".join(processor(number) for number in range(MAX_PROCESSORS + 9)))
    assert found.cpu_sockets_populated == MAX_PROCESSORS
    assert f"processors: only the first {MAX_PROCESSORS} are read" in found.warnings
