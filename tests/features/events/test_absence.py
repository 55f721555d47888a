"""Without AMQP_URL, nothing of RabbitMQ is imported: the library is an extra."""

from pathlib import Path

from tests.fakes.imports import imports_at_once, modules_in

SOURCE = Path(__file__).parents[3] / "src"
LIBRARIES = ("aio_pika", "aiormq")
#: What works with RabbitMQ, and is imported where it is used.
OF_RABBIT = {
    f"features.events.{one}" for one in ("rabbit", "deliveries", "topology", "dead_letters")
}


def test_the_library_is_imported_by_what_needs_it_alone() -> None:
    modules = modules_in(SOURCE)
    at_once = {name: set(imports_at_once(path, modules)) for name, path in modules.items()}
    importing = {
        name
        for name, imported in at_once.items()
        if any(one.partition(".")[0] in LIBRARIES for one in imported)
    }
    assert importing == OF_RABBIT
    assert [name for name in at_once if name not in OF_RABBIT and at_once[name] & OF_RABBIT] == []
