"""What servers, services and filters reply, and what it means.

Each text was labelled before the rules saw it, in the rounds that `round` of `servers.jsonl`
tells; what a round missed was then learned by its family. Texts that other data had already were
left out first. So many had the right cause as the first one, with their stage and port (in
brackets: with a cause of `also` too; without stage):

1: 40 of 54, 74 % (87 %; 74 %)
2: 75 of 113, 66 % (80 %; 62 %)
3: 48 of 95, 50 % (57 %; 49 %)
4: 69 of 133, 51 % (66 %; 47 %)
5: 52 of 75, 69 % (80 %; 65 %)
6: 29 of 62, 46 % (61 %; 45 %)
7: 21 of 34, 61 % (82 %; 61 %)
8: 20 of 27, 74 % (81 %; 74 %)
9: 30 of 39, 76 % (84 %; 74 %)
10: 23 of 31, 74 % (93 %; 74 %)
11: 24 of 36, 66 % (83 %; 66 %)

The labels of 31 were brought in line afterwards with those of the same texts elsewhere, or
with what their sender is to do. Some texts are from public source files whose repository is not
known.
"""

from diagnosis.collected import read, wrong

SERVERS = read("servers.jsonl")


def test_what_a_server_replies_is_told() -> None:
    found = wrong(SERVERS)
    assert len(found) <= 0.06 * len(SERVERS), found


def test_where_a_reply_is_from_is_told() -> None:
    assert not [reply["id"] for reply in SERVERS if len(reply["source"]) < 10]
