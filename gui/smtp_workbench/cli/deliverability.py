"""Say whether what a domain publishes lets its mail arrive: SPF, DKIM, DMARC and the others.

Only the DNS is asked; the policy of MTA-STS is fetched from the web only with `--fetch`.
"""

import argparse
import asyncio


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `deliverability`."""
    parser.add_argument("domain", metavar="DOMAIN", help="of From; a mail address stands for its")
    parser.add_argument("--ip", metavar="ADDRESS", default="", help="that sends to the recipients")
    parser.add_argument("--selector", metavar="NAME", default="", help="of the DKIM signature")
    parser.add_argument("--dkim-domain", metavar="DOMAIN", default="", help="that signs, its d=")
    parser.add_argument(
        "--envelope-from", metavar="ADDRESS", default="", help="the sender at MAIL FROM"
    )
    parser.add_argument("--relay", metavar="HOST[:PORT]", default="", help="look for its TLSA")
    parser.add_argument("--resolver", metavar="ADDRESS[:PORT]", default="", help="ask this one")
    parser.add_argument(
        "--fetch", action="store_true", help="fetch the policy of MTA-STS from the domain's web"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Check and print; return 0 when the check ran, whatever it found, 130 if stopped."""
    from smtp_workbench.cli.domain_check import check  # noqa: PLC0415  # heavy, seldom needed

    try:
        return asyncio.run(check(options))
    except asyncio.CancelledError:
        return 130
