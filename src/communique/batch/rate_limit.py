"""What holds requests back, in monotonic seconds: too many in flight, too many in a minute, a server that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW = 60.0
LEAST_CALLS = 20
SHARE = 0.5
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 300.0


class AdaptiveLimit:
    """Requests that may be in flight: halved when the server throttles, grown by one per window of successes (AIMD).

    Near the height at which it was last throttled it grows eight times slower, so that a steady server is seldom tried.
    It starts at `most`.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.most = most
        self.limit = float(most)
        self._clock = clock
        self._starts: deque[float] = deque()  # of those in flight
        self._window = 0
        self._cut_at = float("-inf")
        self._round_trip = 1.0
        self._ceiling = float("inf")

    @property
    def in_flight(self) -> int:
        """How many are on their way."""
        return len(self._starts)

    @property
    def free(self) -> int:
        """How many more may start."""
        return max(int(self.limit) - self.in_flight, 0)

    def started(self) -> None:
        """Count a request."""
        self._starts.append(self._clock())

    def ended(self, *, throttled: bool, ok: bool) -> None:
        """Count the end of one; of which, makes no difference."""
        now, started = self._clock(), self._starts.popleft()
        if throttled and now - self._cut_at >= self._round_trip:  # one cut for a burst of 429s, not one each
            self._ceiling = max(self.limit, 2.0)
            self.limit = max(1.0, self.limit / 2)
            self._cut_at = now
            self._window = 0
        elif ok:
            self._round_trip = 0.8 * self._round_trip + 0.2 * max(now - started, 0.001)
            self._window += 1
            near = self.limit + 1 >= self._ceiling
            if self._window >= self.limit * (8 if near else 1):
                self._window = 0
                self.limit = min(float(self.most), self.limit + 1)
                if self.limit > self._ceiling:
                    self._ceiling = float("inf")


class PerMinute:
    """A leaky bucket: so much a minute (`rate`, or None for no bound), a tenth of it at once."""

    def __init__(self, rate: float | None, clock: Callable[[], float]) -> None:
        self._per_second = rate / 60 if rate else None
        self._burst = max(rate / 10, 1.0) if rate else 0.0
        self._clock = clock
        self._level = self._burst
        self._at = clock()

    def wait(self, amount: float) -> float:
        """Return the seconds until `amount` may be taken; 0 if now."""
        if self._per_second is None:
            return 0.0
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
        self._at = now
        return max(min(amount, self._burst) - self._level, 0.0) / self._per_second

    def take(self, amount: float) -> None:
        """Take it; what exceeds the burst is paid back by later waits."""
        self._level -= amount


class Breaker:
    """Opens when half of 20 or more calls within 60 s failed, or 20 in a row did; then lets probes through ever more seldom.

    In a row, since behind a minute of successes half would be hundreds of documents. Pauses last 15 s, 30 s, … 300 s.
    When it has been open for more than `outage` seconds, it is dead.
    """

    def __init__(self, outage: float, clock: Callable[[], float]) -> None:
        self.outage = outage
        self._clock = clock
        self._calls: deque[tuple[float, bool]] = deque(maxlen=1000)  # times, and whether they failed
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._until = 0.0
        self._pause = FIRST_PAUSE
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether calls are held back."""
        return self._opened_at is not None

    @property
    def dead(self) -> bool:
        """Whether it has been open for longer than an outage may last."""
        return self._opened_at is not None and self._clock() - self._opened_at > self.outage

    def wait(self) -> float:
        """Return the seconds until the next call may start; 0 if now."""
        if self._opened_at is None:
            return 0.0
        now = self._clock()
        until = now + 0.5 if self._probing else self._until
        return max(min(until, self._opened_at + self.outage + 0.001) - now, 0.0)

    def started(self) -> None:
        """Count a start: with an open breaker it is the one probe."""
        self._probing = self.open

    def ended(self, *, failed: bool) -> None:
        """Count an end."""
        now = self._clock()
        if not self.open:
            self._count(now, failed=failed)
        elif self._probing:
            self._probing = False
            if failed:
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                self._until = now + self._pause
            else:
                self._opened_at, self._in_a_row = None, 0
                self._calls.clear()

    def _count(self, now: float, *, failed: bool) -> None:
        self._calls.append((now, failed))
        while self._calls[0][0] < now - WINDOW:
            self._calls.popleft()
        self._in_a_row = self._in_a_row + 1 if failed else 0
        many = sum(bad for _, bad in self._calls) >= SHARE * len(self._calls)
        if len(self._calls) >= LEAST_CALLS and (many or self._in_a_row >= LEAST_CALLS):
            self._opened_at, self._pause = now, FIRST_PAUSE
            self._until = now + self._pause
