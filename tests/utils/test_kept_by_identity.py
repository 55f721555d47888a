"""What is made of objects is made once, for these very objects."""

from utils.kept_by_identity import KeptByIdentity


def test_it_is_made_once_for_the_same_objects_and_values() -> None:
    kept, one, other = KeptByIdentity[list[str]](most=3), ["a"], ["a"]
    made = kept.get([one], list, "en")
    assert kept.get([one], list, "en") is made
    assert kept.get([other], list, "en") is not made  # equal, and another
    assert kept.get([one], list, "es") is not made
    kept.clear()
    assert kept.get([one], list, "en") is not made


def test_objects_that_are_gone_are_never_mistaken_for_newer_ones() -> None:
    kept = KeptByIdentity[int](most=1_000)
    found = [kept.get([[number]], iter(range(number, 100)).__next__) for number in range(100)]
    assert found == [*range(100)]


def test_only_the_newest_are_kept() -> None:
    kept, objects = KeptByIdentity[list[str]](most=2), [["a"], ["b"], ["c"]]
    first, second, _ = (kept.get([one], list) for one in objects)
    assert kept.get(objects[1:2], list) is second
    assert kept.get(objects[:1], list) is not first
