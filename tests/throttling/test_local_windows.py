from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from dashboard.throttling.local_windows import LocalWindows


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_going_over_blocks_until_there_is_room() -> None:
    clock = Clock()
    windows = LocalWindows(((2, 1.0), (3, 60.0)), clock)
    assert [windows.take("erp").allowed for _ in range(3)] == [True, True, False]
    clock.now += 1
    third = windows.take("erp")
    assert (third.allowed, third.limit, third.remaining) == (True, 3, 0)
    fourth = windows.take("erp")
    assert (fourth.allowed, fourth.limit, fourth.reset) == (False, 3, 59.0)


def test_a_knock_moves_the_end_of_the_block() -> None:
    clock = Clock()
    windows = LocalWindows(((1, 10.0),), clock)
    windows.take("erp")
    windows.take("erp")
    clock.now += 9
    assert windows.take("erp").reset == 10.0
    clock.now += 9
    assert not windows.take("erp").allowed
    clock.now += 10
    assert windows.take("erp").allowed


def test_threads_never_get_more_than_the_limit() -> None:
    windows = LocalWindows(((15, 60.0),))
    with ThreadPoolExecutor(16) as threads:
        assert sum(verdict.allowed for verdict in threads.map(lambda _: windows.take("erp"), range(300))) == 15
