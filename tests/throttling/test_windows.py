"""The windows never admit more than they promise, on the real Redis and from many threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from dashboard.throttling.windows import Taken, WindowLimiter

PUBLIC_API = ((15, 1), (300, 60), (4000, 3600))


def moves_time(connection: redis.Redis, key: str, seconds: float) -> None:
    """As if everything known about this caller had happened that much earlier."""
    micros = round(seconds * 1_000_000)
    calls = f"window:test:{{{key}}}"
    known = [int(score) for _, score in connection.zrange(calls, 0, -1, withscores=True)]
    connection.delete(calls)
    if known:
        connection.zadd(calls, {str(at - micros): at - micros for at in known})
    until = connection.hget(f"{calls}:block", "until")
    if until:
        connection.hset(f"{calls}:block", "until", int(until) - micros)


@pytest.fixture
def limiter() -> WindowLimiter:
    return WindowLimiter("test", PUBLIC_API)


def test_fifteen_go_through_and_the_sixteenth_does_not(limiter: WindowLimiter) -> None:
    answers = [limiter.take("erp") for _ in range(16)]
    assert [answer.allowed for answer in answers] == [True] * 15 + [False]
    assert [answer.remaining for answer in answers] == [*range(14, -1, -1), 0]
    assert {answer.limit for answer in answers} == {15}
    assert answers[-1].headers() == {
        "X-RateLimit-Limit": "15",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1",
        "Retry-After": "1",
    }
    assert "Retry-After" not in answers[0].headers()


def test_other_keys_and_other_limiters_count_for_themselves(limiter: WindowLimiter) -> None:
    for _ in range(16):
        limiter.take("erp")
    assert limiter.take("webshop").allowed
    assert WindowLimiter("other", PUBLIC_API).take("erp").allowed


def test_waiting_out_the_window_opens_it_again(limiter: WindowLimiter, redis_connection: redis.Redis) -> None:
    for _ in range(16):
        limiter.take("erp")
    moves_time(redis_connection, "erp", 1)
    assert limiter.take("erp").allowed


def test_every_knock_moves_the_end_of_the_block(limiter: WindowLimiter, redis_connection: redis.Redis) -> None:
    for _ in range(16):
        limiter.take("erp")
    moves_time(redis_connection, "erp", 0.6)
    knock = limiter.take("erp")
    assert not knock.allowed
    moves_time(redis_connection, "erp", 0.6)  # 1.2 s after the burst, 0.6 s after the knock
    assert not limiter.take("erp").allowed
    moves_time(redis_connection, "erp", 1)
    assert limiter.take("erp").allowed


def test_the_minute_blocks_for_a_minute_after_each_knock(limiter: WindowLimiter, redis_connection: redis.Redis) -> None:
    take_paced(limiter, redis_connection, 300)  # 20 s of full bursts
    over = limiter.take("erp")
    assert (over.allowed, over.limit, over.remaining) == (False, 300, 0)
    assert 40 <= over.reset_seconds <= 41  # the first burst leaves the window then
    knock = limiter.take("erp")
    assert (knock.reset_seconds, knock.retry_after) == (60, 60)
    moves_time(redis_connection, "erp", 59)
    assert not limiter.take("erp").allowed
    moves_time(redis_connection, "erp", 60)
    assert limiter.take("erp").allowed


def test_headers_describe_the_window_with_the_least_remaining(
    limiter: WindowLimiter, redis_connection: redis.Redis
) -> None:
    last = take_paced(limiter, redis_connection, 280)  # 18 bursts of 15, and 10
    assert (last.limit, last.remaining) == (15, 5)
    fill(redis_connection, "erp", 10, seconds_ago=30)
    moves_time(redis_connection, "erp", 1)
    described = limiter.take("erp")
    assert (described.limit, described.remaining) == (300, 9)


def test_the_hour_holds_four_thousand(limiter: WindowLimiter, redis_connection: redis.Redis) -> None:
    admitted = 0
    for _ in range(14):
        admitted += sum(limiter.take("erp").allowed for _ in range(15))
        moves_time(redis_connection, "erp", 1)
    fill(redis_connection, "erp", 4000 - admitted, seconds_ago=1800)
    over = limiter.take("erp")
    assert (over.allowed, over.limit) == (False, 4000)
    assert 1799 <= over.reset_seconds <= 1800


def test_many_threads_and_limiters_never_admit_too_much(redis_connection: redis.Redis) -> None:
    several_processes = [WindowLimiter("test", ((15, 60), (40, 120))) for _ in range(8)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: several_processes[n % 8].take("erp"), range(400)))
    assert sum(answer.allowed for answer in answers) == 15
    assert sorted(answer.remaining for answer in answers if answer.allowed) == list(range(15))


def test_no_span_of_a_second_holds_more_than_its_limit(redis_connection: redis.Redis) -> None:
    """Threads that wait as they are told, on the real clock; judged by what was admitted, not by how long it took."""
    limiter = WindowLimiter("test", ((5, 0.2),))
    until = time.monotonic() + 1.2

    def hammer(_: int) -> None:
        while time.monotonic() < until:
            if not limiter.take("erp").allowed:
                time.sleep(0.21)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(hammer, range(8)))
    admitted = [score for _, score in redis_connection.zrange("window:test:{erp}", 0, -1, withscores=True)]
    assert all(later - earlier >= 200_000 for earlier, later in zip(admitted, admitted[5:], strict=False))


def test_an_emptied_redis_begins_anew(limiter: WindowLimiter, redis_connection: redis.Redis) -> None:
    for _ in range(16):
        limiter.take("erp")
    redis_connection.flushall()
    redis_connection.script_flush()
    assert limiter.take("erp") == Taken(allowed=True, limit=15, remaining=14, reset_seconds=1, retry_after=None)


@pytest.fixture
def without_redis(settings: pytest.FixtureRequest) -> Iterator[WindowLimiter]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    return WindowLimiter("test", PUBLIC_API)


def test_without_redis_this_process_keeps_the_windows(without_redis: WindowLimiter) -> None:
    answers = [without_redis.take("erp") for _ in range(17)]
    assert [answer.allowed for answer in answers] == [True] * 15 + [False] * 2
    assert answers[14].headers()["X-RateLimit-Remaining"] == "0"


def take_paced(limiter: WindowLimiter, connection: redis.Redis, count: int) -> Taken:
    """As a client does that sends 15, waits a second, and so on."""
    for number in range(count):
        if number and number % 15 == 0:
            moves_time(connection, "erp", 1)
        last = limiter.take("erp")
        assert last.allowed
    return last


def fill(connection: redis.Redis, key: str, count: int, *, seconds_ago: float) -> None:
    seconds, micros = connection.time()
    start = seconds * 1_000_000 + micros - round(seconds_ago * 1_000_000)
    connection.zadd(f"window:test:{{{key}}}", {str(start + n): start + n for n in range(count)})
