"""Generated transports: anything a form can hold."""

from hypothesis import strategies as st

from smtp_workbench.settings.transport import (
    Auth,
    Family,
    Pool,
    Protocol,
    Security,
    Timeouts,
    Tls,
    TlsVersion,
    Transport,
    Trust,
)

WORDS = st.text(max_size=20) | st.sampled_from(
    ["smtp.gmail.com", "::1", "192.0.2.1", "smtp://x", "bücher.example", "me@example.com", "a:1"]
)


def transports(words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Transport]:
    """Return any transport whose text fields hold *words*."""
    milliseconds = st.integers(0, 10**7).map(lambda value: value / 1000)
    return st.builds(
        Transport,
        host=words,
        port=st.none() | st.integers(-5, 70_000),
        security=st.sampled_from(Security),
        protocol=st.sampled_from(Protocol),
        ehlo_name=words,
        source_address=words,
        proxy=words,
        family=st.sampled_from(Family),
        sender=words,
        tls=st.builds(
            Tls,
            trust=st.sampled_from(Trust),
            ca_file=words,
            fingerprint=words,
            server_name=words,
            client_certificate=words,
            client_key=words,
            minimum_version=st.sampled_from(TlsVersion),
            ciphers=words,
        ),
        auth=st.builds(Auth, user=words, mechanism=words.map(str.upper)),
        timeouts=st.builds(
            Timeouts,
            dns=milliseconds,
            connect=milliseconds,
            greeting=milliseconds,
            socket=milliseconds,
            total=milliseconds,
        ),
        pool=st.builds(
            Pool,
            enabled=st.booleans(),
            max_connections=st.integers(0, 99),
            max_messages=st.integers(0, 999),
            rate_limit=st.integers(0, 99),
            rate_delta=milliseconds,
        ),
    )
