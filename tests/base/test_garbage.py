"""Collections are rare during bulk work, and as usual after it."""

import gc

import pytest

from pim.base.garbage import rare_collections


def test_the_collector_is_as_before_when_the_last_one_leaves():
    before = gc.get_threshold()
    with rare_collections():
        with rare_collections():
            pass
        assert gc.get_threshold()[0] > before[0]
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_work_that_fails_leaves_it_as_before_too():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="broken"), rare_collections():
        raise ValueError("broken")
    assert gc.get_threshold() == before
