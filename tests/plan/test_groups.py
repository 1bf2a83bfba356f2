"""The laws of merging, by keys alone: who speaks for whom, and that nothing is lost on the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.questions.groups import Groups, NoSuchMerge

KEYS = range(8)
MERGE = st.tuples(st.just("merge"), st.sampled_from(KEYS), st.sampled_from(KEYS))
UNDO = st.tuples(st.just("undo"), st.sampled_from(KEYS), st.just(0))
ACTS = st.lists(MERGE | UNDO, max_size=24)


def after(acts, groups=None):
    """The groups after these acts; those that cannot be are passed over, as a coordinator is told."""
    groups = groups or Groups()
    for kind, key, target in acts:
        try:
            groups = groups.merged(key, target) if kind == "merge" else groups.parted(key)
        except NoSuchMerge:
            continue
    return groups


@given(ACTS)
def test_it_counts_every_question_for_exactly_one_root(acts):
    groups = after(acts)
    roots = {key for key in KEYS if groups.root_of(key) == key}
    families = [{root, *groups.below(root)} for root in roots]
    assert sorted(key for family in families for key in family) == list(KEYS)
    assert all(groups.root_of(key) == root for root in roots for key in groups.below(root))


@given(ACTS)
def test_it_links_straight_to_what_stands_for_itself(acts):
    links = after(acts).links()
    assert not set(links) & set(links.values())


@given(ACTS)
def test_it_gives_back_the_beginning_when_everything_is_undone_in_any_order(acts):
    groups = after(acts)
    for order in (sorted(groups.steps), sorted(groups.steps, reverse=True)):
        undone = groups
        for key in order:
            undone = undone.parted(key)
        assert undone == Groups()


@given(ACTS, st.sampled_from(KEYS), st.sampled_from(KEYS))
def test_it_undoes_exactly_what_a_merge_did(acts, source, target):
    groups = after(acts)
    try:
        merged = groups.merged(source, target)
    except NoSuchMerge:
        return
    assert merged.root_of(source) == target
    assert merged.parted(source) == groups


@given(ACTS, st.sampled_from(KEYS))
def test_it_takes_along_what_was_merged_before_when_it_parts(acts, key):
    groups = after(acts)
    if key not in groups.steps:
        return
    parted = groups.parted(key)
    assert parted.root_of(key) == key
    assert parted.below(key) == groups.below(key)
    others = set(KEYS) - {key, *groups.below(key)}
    assert all(parted.root_of(other) == groups.root_of(other) for other in others)


@given(ACTS, MERGE | UNDO)
def test_it_writes_links_in_an_order_in_which_each_is_one_step_long_all_the_way(acts, act):
    """What the guard of the database asks of every single row (foundation/guards.py, refuse_chains)."""
    before = after(acts)
    becomes = after([act], before)
    links = before.links()
    for key, root in before.changes_to(becomes):
        if root is None:
            del links[key]
        else:
            assert root not in links
            assert key not in links.values()
            links[key] = root
    assert links == becomes.links()


def test_it_would_break_the_guard_in_the_order_of_the_keys():
    """The twin: 1 with 2 in it goes into 3. Written as it comes, 1 would be a link while 2 still points to it."""
    before = Groups({2: 1})
    changes = dict(before.changes_to(before.merged(1, 3)))
    assert list(changes) == [2, 1]
    links = {**before.links(), 1: changes[1]}
    assert set(links) & set(links.values())


@pytest.mark.parametrize(
    ("steps", "source", "target"),
    [({}, 1, 1), ({1: 2}, 2, 1), ({1: 2, 2: 3}, 3, 1), ({1: 2}, 1, 3), ({1: 2}, 3, 1)],
    ids=["itself", "circle", "wide circle", "source is merged", "target is merged"],
)
def test_it_knows_no_merge_into_itself_in_a_circle_or_of_what_is_merged(steps, source, target):
    with pytest.raises(NoSuchMerge):
        Groups(steps).merged(source, target)


def test_it_knows_no_undoing_of_what_is_not_merged():
    with pytest.raises(NoSuchMerge):
        Groups({1: 2}).parted(2)
