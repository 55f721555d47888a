"""watch.py makes an environment with whatever a machine has, and only when it must."""

import ast
import sys
import textwrap
from pathlib import Path

import pytest
import watch
from watch import Environment, Tools

UV = Tools(python="/usr/bin/python3", uv="/usr/bin/uv", pip=True, ensurepip=True)
VENV = UV._replace(uv=None)
ONLY_PIP = VENV._replace(ensurepip=False)
ONLY_ENSUREPIP = VENV._replace(pip=False)
NOTHING = VENV._replace(pip=False, ensurepip=False)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """A uv that only notes what it was asked, and makes an empty environment."""
    uv = tmp_path / "uv"
    uv.write_text(
        textwrap.dedent(f"""\
            #!{sys.executable}
            import pathlib, sys
            with open({str(tmp_path / "asked")!r}, "a") as asked:
                asked.write(sys.argv[1] + "\\n")
            if {str(tmp_path / "broken")!r} in map(str, pathlib.Path({str(tmp_path)!r}).iterdir()):
                sys.exit(1)
            if sys.argv[1] == "venv":
                (pathlib.Path(sys.argv[-1]) / "bin").mkdir()
                (pathlib.Path(sys.argv[-1]) / "bin/python").touch()
        """)
    )
    uv.chmod(0o755)
    return UV._replace(uv=str(uv))


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "requirements.txt").write_text("a==1")
    (tmp_path / "requirements-dev.txt").write_text("a==1\nb==1")
    return Environment(tmp_path / ".venv")


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().split()


def test_uv_is_used_when_it_is_there() -> None:
    assert watch.creation(Path("e"), UV)[:2] == ["/usr/bin/uv", "venv"]
    assert watch.installation(Path("p"), Path("lock"), UV)[:3] == ["/usr/bin/uv", "pip", "install"]


def test_without_uv_the_standard_library_makes_the_environment() -> None:
    assert watch.creation(Path("e"), VENV) == ["/usr/bin/python3", "-m", "venv", "e"]


def test_without_ensurepip_a_pip_from_outside_fills_the_environment() -> None:
    assert "--without-pip" in watch.creation(Path("e"), ONLY_PIP)
    assert watch.installation(Path("e/python"), Path("lock"), ONLY_PIP)[:5] == [
        "/usr/bin/python3",
        "-m",
        "pip",
        "--python",
        "e/python",
    ]


def test_without_a_pip_outside_the_one_inside_is_used() -> None:
    assert "--without-pip" not in watch.creation(Path("e"), ONLY_ENSUREPIP)
    command = watch.installation(Path("e/python"), Path("lock"), ONLY_ENSUREPIP)
    assert command[:3] == ["e/python", "-m", "pip"]


@pytest.mark.parametrize("tools", [UV, VENV, ONLY_PIP, ONLY_ENSUREPIP])
def test_every_package_must_have_the_hash_of_the_lock(tools: Tools) -> None:
    assert "--require-hashes" in watch.installation(Path("p"), Path("lock"), tools)


def test_a_machine_that_cannot_make_environments_is_told_what_to_install() -> None:
    with pytest.raises(SystemExit, match="apt install python3-venv") as caught:
        watch.creation(Path("e"), NOTHING)
    assert "uv" in str(caught.value)


def test_a_new_environment_is_made_and_filled(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    assert not environment.has(lock)
    environment.install(lock, tools)
    assert environment.has(lock)
    assert asked(tmp_path) == ["venv", "pip"]


def test_a_changed_lock_is_installed_into_the_same_environment(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    environment.install(lock, tools)
    lock.write_text("a==2")
    assert not environment.has(lock)
    environment.install(lock, tools)
    assert asked(tmp_path) == ["venv", "pip", "pip"]


def test_the_development_lock_covers_the_other(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    environment.install(tmp_path / "requirements-dev.txt", tools)
    assert environment.has(tmp_path / "requirements.txt")


def test_the_runtime_lock_does_not_cover_the_development_one(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    environment.install(tmp_path / "requirements.txt", tools)
    assert not environment.has(tmp_path / "requirements-dev.txt")


def test_the_packages_of_an_option_stay_beside_others(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    calls, development = tmp_path / "requirements-calls.txt", tmp_path / "requirements-dev.txt"
    calls.write_text("b==1")
    environment.install(calls, tools)
    assert environment.has(tmp_path / "requirements.txt")
    environment.install(development, tools)
    assert environment.has(calls)
    calls.write_text("b==2")
    assert not environment.has(calls)
    assert environment.has(development)


def test_an_option_may_have_a_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements-calls.txt").touch()

    def names(*arguments: str) -> list[str]:
        return [one.name for one in watch.locks_for(list(arguments), tmp_path)]

    assert names() == ["requirements.txt"]
    assert names("--calls") == ["requirements-calls.txt", "requirements.txt"]
    assert names("run", "--assistant", "--calls")[0] == "requirements-calls.txt"
    assert names("test", "--../calls") == ["requirements-dev.txt"]


def test_a_half_made_environment_is_made_again(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    (tmp_path / "broken").touch()
    with pytest.raises(SystemExit, match=r"Could not set up \.venv"):
        environment.install(lock, tools)
    (environment.folder / "left-over").touch()
    (tmp_path / "broken").unlink()
    environment.install(lock, tools)
    assert environment.has(lock)
    assert not (environment.folder / "left-over").exists()


def test_an_environment_of_another_python_is_made_again(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    environment.install(lock, tools)
    note = environment.folder / "installed-from"
    note.write_text(note.read_text().replace(watch.PYTHON_VERSION, "3.10"))
    assert not environment.has(lock)
    environment.install(lock, tools)
    assert asked(tmp_path) == ["venv", "pip", "venv", "pip"]


def test_an_environment_without_its_python_is_made_again(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.txt"
    environment.install(lock, tools)
    environment.python.unlink()
    assert not environment.has(lock)
    environment.install(lock, tools)
    assert environment.has(lock)


def test_an_environment_that_somebody_else_made_is_filled_and_kept(
    environment: Environment, tools: Tools, tmp_path: Path
) -> None:
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.install(tmp_path / "requirements.txt", tools)
    assert asked(tmp_path) == ["pip"]


def test_an_old_python_is_told_which_one_is_needed() -> None:
    with pytest.raises(SystemExit, match=r"3\.11 or newer is needed, and this is Python 3\.9"):
        watch.refuse_old_python((3, 9))


def test_the_oldest_python_is_new_enough() -> None:
    watch.refuse_old_python((3, 11))


def test_an_old_python_can_read_the_file_to_say_so() -> None:
    ast.parse(Path(watch.__file__).read_text(), feature_version=(3, 8))
