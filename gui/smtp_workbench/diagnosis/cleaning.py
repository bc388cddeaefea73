"""Takes off a line what a log or a traceback writes around the words of a server or a program."""

import html
import re
from typing import Final

_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BYTES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2}){4,}")
_WRONG_CHARSET: Final = re.compile(r"[\xa1-\xfe]{8,}")
"""Chinese that was read as if it were Latin: no other language has so many of these in a row."""
_CHINESE: Final = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
_AROUND: Final = re.compile(
    r"^(?:\S{1,40} +\| *)?\W{0,3}(?:\d{4}[-/]\d\d[-/]\d\d[T ]+)?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
    r"(?:Z|[+-]\d\d:?\d\d)?(?![\w:])"
    r"|^\W{0,3}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d:\d\d"
    r"|\b(?:relay|delays?|size|nrcpt|timeout)=[^,\s]*,?"
    r"|(?<=\w)\[\d+\](?=:)"  # a process
    r"|(?<=from )unknown(?=\[)"  # a client without a name
    r"|\bSMTP(?:RecipientsRefused|SenderRefused|DataError)(?=: ?[({]+.{0,90}\b[45]\d\d\b)"
    r"|\bInvalid Addresses(?=;)"  # one more exception follows, and it says which
    r"|\bline \d+"
    r"|[/\\](?:home|Users)[/\\]\w+"  # whose machine it is
    r"|\(account \S+ from [^)]*\)"  # msmtp
    r"|(?<=\.(?:js|ts|py|rb|go|rs|cs|cc)):\d+(?::\d+)?|(?<=\.(?:php|mjs|cjs)):\d+(?::\d+)?"
    r"|(?<=\.(?:java|dart)):\d+(?::\d+)?"  # a place in a source
)
_STATUS: Final = {
    "service not available, closing transmission channel": "421",
    "mailbox busy": "450",
    "error in processing": "451",
    "insufficient system storage": "452",
    "syntax error, command unrecognized": "500",
    "syntax error in parameters or arguments": "501",
    "command not implemented": "502",
    "bad sequence of commands": "503",
    "command parameter not implemented": "504",
    "mailbox unavailable": "550",
    "user not local": "551",
    "exceeded storage allocation": "552",
    "mailbox name not allowed": "553",
    "transaction failed": "554",
}
"""What .NET's SmtpClient writes for a reply code, whatever the server meant by it."""
_NAMED_STATUS: Final = re.compile(
    rf"\b({'|'.join(_STATUS)})[^:]{{0,50}}\. The server response was: ?(?=\S)(?!at )", re.IGNORECASE
)
_NAMED_ERROR: Final = re.compile(r"\b[A-Z]+_ERR(?:OR)?_([A-Z]{3,}(?:_[A-Z]+)+)\b")
"""A constant that says in words what happened."""
_REASONS: Final = {
    134: "certificate verify failed",
    193: "no shared cipher",
    252: "unknown protocol",
    258: "unsupported protocol",
    267: "wrong version number",
    294: "unexpected eof while reading",
    394: "dh key too small",
    399: "ee key too small",
    1040: "sslv3 alert handshake failure",
    1042: "sslv3 alert bad certificate",
    1045: "sslv3 alert certificate expired",
    1046: "sslv3 alert certificate unknown",
    1048: "tlsv1 alert unknown ca",
    1070: "tlsv1 alert protocol version",
    1080: "tlsv1 alert internal error",
}
"""OpenSSL's words for its reasons (openssl/sslerr.h), where a program has not loaded them."""
_REASON: Final = re.compile(
    r"\breason\((\d{3,4})\)|\bcode: ?(167772\d{3}|167773\d{3}|33[5-9]\d{6})\b"
)
_FOREIGN: Final = re.compile(
    r"SQLSTATE|\bmysqli?\b|\bPDO(?:Exception|Statement)?\b|psycopg|\bORA-\d{5}|ERROR \d{4} \("
    r"|\b(?:postgres|redis|mongo)\w*|\bNo module named|CORS policy|\berror TS\d|\(publickey"
    r"|\"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /\S* HTTP"
    r"|\bHTTP(?:/\d(?:\.\d)?)?\W{1,3}(?:error |status |response )?(?:code )?:? ?(?!407|400)[45]\d\d"
    r"|\bstatus code:? (?!407)[45]\d\d"
    r"|\b(?:404 Not Found|50[024] (?:Bad Gateway|Internal Server Error|Gateway Time-?out))",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(
    r"\bsmtp|utl_smtp|e?mail|postfix|dovecot|exim|greeting|banner|proxy|tunnel|response="
    r"|\b[45]\d\d[ -][45]\.\d",
    re.IGNORECASE,
)
_SENT: Final = re.compile(
    r"\bstatus=sent\b|^=== |^(?:8BITMIME|SMTPUTF8|CHUNKING|PIPELINING)$"
    r"|^(?:.{0,80}?(?:\bS:|CLIENT:|\bIN:|Received:|<[-~<]*>?|<<<?))?\W{0,40}(?:2\d\d|3[35]4)"
    r"(?:[ -](?!.{0,60}(?:X{3}|\*{4}))|$)"
)


def cleaned(raw: str) -> str:
    """Return *raw*, a line as it was pasted, without escapes and surroundings, single blanks."""
    line = html.unescape(_ANSI.sub("", raw)).replace("\u00a0", " ")
    line = _BYTES.sub(_decoded, line)
    line = _WRONG_CHARSET.sub(_read_anew, line)
    if "_(#" in line:  # qmail has no blanks in what it logs
        line = line.replace("_", " ")
    if "_ERROR_" in line or "_ERR_" in line:
        line = _NAMED_ERROR.sub(lambda found: f"{found[0]} ({found[1].replace('_', ' ')})", line)
    if "reason(" in line or "code:" in line:
        line = _REASON.sub(_reason, line)
    if "response was" in line:
        line = _NAMED_STATUS.sub(lambda found: f"{_STATUS[found[1].lower()]} ", line)
    return " ".join(_AROUND.sub(" ", line).split())


def _reason(found: re.Match[str]) -> str:
    """Return OpenSSL's number with its words: the last twelve bits of an error are the reason."""
    words = _REASONS.get(int(found[1] or int(found[2]) & 0xFFF))
    return f"{found[0]} SSL routines: {words}" if words else found[0]


def _decoded(found: re.Match[str]) -> str:
    """Return bytes that a program printed as escapes as the text that a server meant."""
    octets = bytes.fromhex(found[0].replace("\\x", ""))
    for encoding in ("utf-8", "gb18030"):
        try:
            decoded = octets.decode(encoding)
        except UnicodeDecodeError:
            continue
        return decoded if decoded.isprintable() else found[0]
    return found[0]


def _read_anew(found: re.Match[str]) -> str:
    """Return Chinese for what was read in the wrong charset, or what was found if it is none."""
    for encoding in ("utf-8", "gb18030"):
        text = found[0].encode("latin-1").decode(encoding, "replace")
        if _CHINESE.fullmatch(text):
            return text
    return found[0]


def is_foreign(line: str) -> bool:
    """Whether *line* tells of trouble of a database, a web server or a compiler, not of mail."""
    return _FOREIGN.search(line) is not None and _MAIL.search(line) is None


def names_mail(line: str) -> bool:
    """Whether *line* names mail, a mail program or an enhanced reply, and nothing else besides."""
    return _MAIL.search(line) is not None and _FOREIGN.search(line) is None


def is_success(line: str) -> bool:
    """Whether *line* tells that something went well."""
    return _SENT.search(line) is not None
