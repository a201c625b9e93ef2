"""What operators count: requests by route and status, their time, the state of the store; in Prometheus' format.

Counting costs two dictionary steps a request; the exposition is made when it is asked for. Labels are route
templates, never paths.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Gauge = Callable[[], float]


class Metrics(Collector):
    """The counters of one process."""

    def __init__(self) -> None:
        """Start at zero."""
        self._requests: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[float]] = {}
        self._gauges: dict[str, tuple[str, Gauge]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """HOT PATH. Count one answered request; ``seconds`` is how long it took."""
        key = (route, method, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = [0.0] * (len(BOUNDS) + 2)
        times[bisect_left(BOUNDS, seconds)] += 1
        times[-1] += seconds

    def gauge(self, name: str, meaning: str, read: Gauge) -> None:
        """Show ``candor_<name>``, read by ``read`` whenever the metrics are asked for."""
        self._gauges[name] = (meaning, read)

    def collect(self) -> Iterable[Metric]:
        """Return all families, for the registry."""
        requests = CounterMetricFamily("candor_requests", "Requests answered.", labels=("route", "method", "status"))
        for (route, method, status), count in list(self._requests.items()):
            requests.add_metric((route, method, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily("candor_request_seconds", "Time to answer.", labels=("route",))
        for route, times in list(self._times.items()):
            total = 0.0
            buckets: list[tuple[str, float]] = []
            for bound, within in zip((*map(str, BOUNDS), "+Inf"), times[:-1], strict=True):
                total += within
                buckets.append((bound, total))
            seconds.add_metric((route,), buckets=buckets, sum_value=times[-1])
        yield seconds
        for name, (meaning, read) in self._gauges.items():
            yield GaugeMetricFamily(f"candor_{name}", meaning, value=read())

    def exposition(self) -> bytes:
        """Return the text a Prometheus server scrapes."""
        return generate_latest(self._registry)
