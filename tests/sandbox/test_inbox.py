"""The inbox keeps the newest and says what comes."""

import pytest

from smtp_workbench.sandbox.inbox import MAX_MESSAGES, Inbox, Message


def message(number: int, size: int = 1) -> Message:
    return Message(id=number, sender="", recipients=(), content=b"x" * size)


def numbers(inbox: Inbox) -> list[int]:
    return [item.id for item in inbox]


def test_it_forgets_the_oldest_when_there_are_too_many() -> None:
    inbox = Inbox()
    for number in range(MAX_MESSAGES + 5):
        inbox.add(message(number))
    assert len(inbox) == MAX_MESSAGES
    assert numbers(inbox)[0] == 5


def test_it_forgets_the_oldest_when_they_are_too_large() -> None:
    inbox = Inbox(max_octets=100)
    for number, size in enumerate((40, 40, 30, 60)):
        inbox.add(message(number, size))
    assert numbers(inbox) == [2, 3]


def test_the_newest_stays_however_large_it_is() -> None:
    inbox = Inbox(max_octets=100)
    inbox.add(message(1))
    inbox.add(message(2, size=1000))
    assert numbers(inbox) == [2]


def test_what_was_deleted_makes_room() -> None:
    inbox = Inbox(max_octets=100)
    inbox.add(message(1, 50))
    inbox.add(message(2, 50))
    inbox.delete(2)
    inbox.add(message(3, 50))
    assert numbers(inbox) == [1, 3]
    inbox.clear()
    assert len(inbox) == 0
    inbox.add(message(4, 50))
    inbox.add(message(5, 50))
    assert numbers(inbox) == [4, 5]


def test_what_is_not_there_cannot_be_deleted() -> None:
    inbox = Inbox()
    with pytest.raises(KeyError):
        inbox.delete(1)


def test_no_number_is_used_twice() -> None:
    inbox = Inbox()
    first = inbox.next_id()
    inbox.add(message(first))
    inbox.clear()
    assert inbox.next_id() != first


def test_it_can_be_emptied_while_it_is_read() -> None:
    inbox = Inbox()
    for number in range(3):
        inbox.add(message(number))
    for item in inbox:
        inbox.delete(item.id)
    assert len(inbox) == 0


def test_a_listener_who_left_hears_no_more() -> None:
    inbox, told = Inbox(), []
    end = inbox.subscribe(told.append)
    inbox.add(message(1))
    end()
    inbox.add(message(2))
    assert numbers(inbox) == [1, 2]
    assert [item.id for item in told] == [1]


def test_its_content_is_not_in_the_repr() -> None:
    assert "x" * 50 not in repr(message(1, size=50))
