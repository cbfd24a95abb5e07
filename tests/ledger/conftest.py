"""Every test with a ledger runs on both databases, unless it is about one of them: `@pytest.mark.on("sqlite")`.

What is marked `pooled` runs on PostgreSQL behind PgBouncer too.
"""

from collections.abc import Iterator

import pytest

from tests.ledger import building
from tests.pgbouncer import pgbouncer_or_skip
from tests.postgres import postgres_or_skip


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on(database): what the test says holds for that database alone")
    config.addinivalue_line("markers", "pooled: through PgBouncer in transaction pooling too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not {"tmp_path", "tmp_path_factory"}.isdisjoint(metafunc.fixturenames):  # where a ledger of SQLite would stand
        only = metafunc.definition.get_closest_marker("on")
        names = tuple(only.args) if only else building.DATABASES
        if "postgresql" in names and metafunc.definition.get_closest_marker("pooled"):
            names += (building.POOLED,)
        metafunc.parametrize("database", names, indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database that `building.a_ledger` makes its ledgers on."""
    name: str = getattr(request, "param", "sqlite")
    if name != "sqlite":
        postgres_or_skip()
    if name == building.POOLED:
        pgbouncer_or_skip()
    building.use(name)
    yield name
    building.use("sqlite")
