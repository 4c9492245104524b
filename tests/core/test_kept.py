from keystead.core.kept import Kept


class TestWhatIsKept:
    def test_is_found_again_until_it_is_forgotten(self) -> None:
        kept: Kept[str, int] = Kept(2)
        kept.keep("one", 1)
        assert (kept.get_or_none("one"), kept.get_or_none("two"), len(kept)) == (1, None, 1)
        kept.forget()
        assert kept.get_or_none("one") is None

    def test_makes_room_for_what_comes(self) -> None:
        kept: Kept[str, int] = Kept(3)
        kept.keep("one", 1, weight=2)
        kept.keep("two", 2, weight=2)
        assert (kept.get_or_none("one"), kept.get_or_none("two")) == (None, 2)

    def test_is_never_more_than_there_is_room_for(self) -> None:
        kept: Kept[str, int] = Kept(3)
        kept.keep("huge", 1, weight=4)
        assert len(kept) == 0
