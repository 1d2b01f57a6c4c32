import pytest

from communique.documents.readers import ReadOptions, open_documents


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def put(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


@pytest.fixture
def read():
    """Return everything that a path yields."""
    return lambda path, **options: list(open_documents(path, ReadOptions(**options)))


@pytest.fixture
def only(read):
    """Return the one thing that a path yields."""

    def one(path, **options):
        (found,) = read(path, **options)
        return found

    return one
