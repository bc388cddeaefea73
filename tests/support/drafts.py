"""Generated drafts: anything that the message page can hold."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    Dsn,
    Invitation,
    Priority,
    ReturnContent,
    TransferEncoding,
)

WORDS = st.text(max_size=20) | st.sampled_from(
    [
        "me@example.org",
        "Jürgen Groß <jürgen@bücher.example>",
        '"Doe, Jane" <jane@example.net>',
        "see the attached file {{now}} {{nonsense}}",
        "https://example.org/u",
        "a\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
    ]
)
MOMENTS = st.builds(
    lambda seconds, hours: datetime.fromtimestamp(seconds, UTC).astimezone(
        timezone(timedelta(hours=hours))
    ),
    st.integers(0, 4 * 10**9),
    st.integers(-12, 14),
)


def attachments(words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Attachment]:
    """Return any attachment whose text fields hold *words*."""
    return st.builds(
        Attachment,
        name=words,
        content_type=words,
        path=words,
        data=st.binary(max_size=30),
        content_id=words,
    )


def drafts(words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Draft]:
    """Return any draft whose text fields hold *words*."""
    lists = st.lists(words, max_size=3).map(tuple)
    return st.builds(
        Draft,
        author=words,
        sender=words,
        to=lists,
        cc=lists,
        bcc=lists,
        reply_to=lists,
        subject=words,
        text=words,
        html=words,
        derive_text=st.booleans(),
        attachments=st.lists(attachments(words), max_size=3).map(tuple),
        invitation=st.none()
        | st.builds(
            Invitation,
            summary=words,
            starts=MOMENTS,
            ends=MOMENTS,
            location=words,
            description=words,
            uid=words,
            method=words,
        ),
        headers=st.lists(st.tuples(words, words), max_size=3).map(tuple),
        priority=st.sampled_from(Priority),
        message_id=words,
        date=words,
        in_reply_to=words,
        references=words,
        list_unsubscribe=words,
        one_click=st.booleans(),
        charset=words,
        encoding=st.sampled_from(TransferEncoding),
        untouched=words,
        envelope_from=st.none() | words,
        envelope_to=st.none() | lists,
        dsn=st.builds(Dsn, notify=lists, content=st.sampled_from(ReturnContent), envelope_id=words),
        dkim=st.builds(Dkim, domain=words, selector=words, key_file=words, skip=lists),
        pipelining=st.booleans(),
        chunking=st.booleans(),
        retries=st.integers(0, 9),
        fallback=lists,
        count=st.integers(-5, 10**6),
    )
