"""What people really paste, as manuals and tutorials have it, is recognised and read."""

import pytest

from smtp_workbench.formats.registry import recognise
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

IMPLICIT, STARTTLS = Security.IMPLICIT_TLS, Security.STARTTLS
IF_OFFERED, PLAINTEXT = Security.STARTTLS_IF_OFFERED, Security.PLAINTEXT

GRAFANA = """
#################################### SMTP / Emailing ##########################
[server]
host = elsewhere
[smtp]
enabled = true
host = smtp.example.com:587
user = me@example.com
# If the password contains # or ; you have to wrap it with triple quotes. Ex \"\"\"#password;\"\"\"
password = \"\"\"pa#ss;word\"\"\"
;cert_file =
skip_verify = false
from_address = admin@grafana.localhost
from_name = Grafana
startTLS_policy = MandatoryStartTLS
[emails]
welcome_email_on_sign_up = false
"""
GRAFANA_ENVIRONMENT = """
GF_SMTP_ENABLED=true
GF_SMTP_HOST=smtp.example.com:465
GF_SMTP_USER=me@example.com
GF_SMTP_PASSWORD=pa#ss;word
GF_SMTP_FROM_ADDRESS=a@example.com
"""
GITLAB = """
### GitLab email server settings
gitlab_rails['smtp_enable'] = true
gitlab_rails['smtp_address'] = "smtp.example.com"
gitlab_rails['smtp_port'] = 587
gitlab_rails['smtp_user_name'] = "me@example.com"
gitlab_rails['smtp_password'] = "pa#ss;word" # keep it
gitlab_rails['smtp_domain'] = "example.com"
gitlab_rails['smtp_authentication'] = "login"
gitlab_rails['smtp_enable_starttls_auto'] = true
gitlab_rails['smtp_tls'] = false
# gitlab_rails['smtp_pool'] = false
###! **Can be: 'none', 'peer', 'client_once', 'fail_if_no_peer_cert'**
gitlab_rails['smtp_openssl_verify_mode'] = 'peer'
"""
GITEA_OLD = """
[mailer]
ENABLED = true
HOST    = smtp.example.com:465
FROM    = "Gitea" <gitea@example.com>
USER    = me@example.com
PASSWD  = `pa#ss;word`
IS_TLS_ENABLED = true
"""
KEYCLOAK = """{
  "id": "x", "realm": "demo", "enabled": true,
  "smtpServer": {
    "replyToDisplayName": "", "starttls": "true", "auth": "true", "port": "587",
    "host": "smtp.example.com", "from": "a@example.com", "ssl": "false",
    "user": "me@example.com", "password": "pa#ss;word"
  }
}"""
ALERTMANAGER = """
global:
  # The smarthost and SMTP sender used for mail notifications.
  smtp_smarthost: 'smtp.example.com:587'
  smtp_from: 'alertmanager@example.org'
  smtp_auth_username: 'me@example.com'
  smtp_auth_password: 'pa#ss;word'
route:
  receiver: 'team-X-mails'
receivers:
- name: 'team-X-mails'
  email_configs:
  - to: 'team-X+alerts@example.org'
"""
ALERTMANAGER_RECEIVER = """
receivers:
- name: mail
  email_configs:
  - to: you@example.com
    from: a@example.com
    smarthost: smtp.example.com:465
    auth_username: me@example.com
    auth_identity: me@example.com
    auth_password: pa#ss;word
    require_tls: false
"""
MAILSERVER = """
ENABLE_CLAMAV=0
DEFAULT_RELAY_HOST=
RELAY_HOST=smtp.example.com
RELAY_PORT=587
RELAY_USER=me@example.com
RELAY_PASSWORD="pa#ss;word"
"""
MSMTP = """
# Set default values for all following accounts.
defaults
auth           on
tls            on
tls_trust_file /etc/ssl/certs/ca-certificates.crt
logfile        ~/.msmtp.log

account        gmail
host           smtp.example.com
port           587
from           username@gmail.com
user           me@example.com
password       pa#ss;word

account        other
host           elsewhere.example.com

account default : gmail
"""
POSTFIX = """
# See /usr/share/postfix/main.cf.dist for a commented, more complete version
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
relayhost = [smtp.example.com]:587
smtp_use_tls = yes
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sasl_password_maps =
    hash:/etc/postfix/sasl_passwd
smtp_tls_security_level = encrypt
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt

[smtp.example.com]:587    me@example.com:pa#ss;word
"""
EXIM = """
begin routers

send_via_smarthost:
  driver = manualroute
  domains = ! +local_domains
  transport = smarthost_smtp
  route_list = * smtp.example.com::587 byname
  host_find_failed = defer
  no_more

begin transports

smarthost_smtp:
  driver = smtp
  hosts_require_auth = *
  hosts_require_tls = *

begin authenticators

client_login:
  driver = plaintext
  public_name = LOGIN
  client_send = : me@example.com : pa#ss;word
"""
SSMTP = """
#
# Config file for sSMTP sendmail
#
root=postmaster
mailhub=smtp.example.com:587
hostname=me.example.com
AuthUser=me@example.com
AuthPass=password
UseTLS=YES
UseSTARTTLS=YES
FromLineOverride=YES
"""
GIT = """
[user]
\tname = Me
[sendemail]
\tsmtpserver = smtp.example.com
\tsmtpuser = me@example.com
\tsmtpencryption = tls
\tsmtpserverport = 587
\tsmtppass = "pa#ss;word"
\tannotate = yes
"""
GIT_COMMANDS = """
git config --global sendemail.smtpserver smtp.example.com
git config --global sendemail.smtpserverport 587
git config --global sendemail.smtpencryption tls
git config --global sendemail.smtpuser me@example.com
git config --global sendemail.smtppass 'pa#ss;word'
"""
MUTT = """
set from = "me@example.com"
set realname = "Me"
set smtp_url = "smtp://me@example.com@smtp.example.com:587/"
set smtp_pass = 'pa#ss;word'
set ssl_starttls=yes ssl_force_tls=yes
"""
THUNDERBIRD = """<?xml version="1.0"?>
<clientConfig version="1.1">
  <emailProvider id="example.com">
    <domain>example.com</domain>
    <displayName>Example</displayName>
    <incomingServer type="imap"><hostname>imap.example.com</hostname></incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.com</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>OAuth2</authentication>
      <authentication>password-cleartext</authentication>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"""
POWERSHELL = """
$cred = New-Object System.Management.Automation.PSCredential("me@example.com",
    (ConvertTo-SecureString "pa#ss;word" -AsPlainText -Force))
$params = @{
    SmtpServer = 'smtp.example.com'
    Port = 587
    UseSsl = $true
    Credential = $cred
    From = "a@example.com"
    To = 'you@example.com'
    Subject = "It's done"
}
Send-MailMessage @params
"""
POWERSHELL_ASKS = """
Send-MailMessage -From 'User01 <user01@fabrikam.com>' -To 'User02 <user02@fabrikam.com>' `
    -Subject 'Sending the Attachment' -SmtpServer smtp.example.com -Port 587 -UseSsl `
    -Credential (Get-Credential)
"""

SWAKS = """
$ swaks -tls -s smtp.example.com:587 -au me@example.com -ap 'pa#ss;word' -a LOGIN --to you@x.example
"""
CURL = """
curl --ssl-reqd \\
  --url 'smtps://smtp.example.com:465' \\
  --user 'me@example.com:pa#ss;word' \\
  --mail-from 'a@example.com' \\
  --mail-rcpt 'you@example.com' \\
  --upload-file mail.txt
"""
NULLMAILER = """
smtp.example.com smtp --port=587 --starttls --user=me@example.com --pass='pa#ss;word'
"""


@pytest.mark.parametrize(
    ("format_id", "text", "port", "security", "user", "secret"),
    [
        ("grafana", GRAFANA, 587, STARTTLS, True, "pa#ss;word"),
        ("grafana", GRAFANA_ENVIRONMENT, 465, IMPLICIT, True, "pa#ss;word"),
        ("gitlab", GITLAB, 587, IF_OFFERED, True, "pa#ss;word"),
        ("gitea", GITEA_OLD, 465, IMPLICIT, True, "pa#ss;word"),
        ("keycloak", KEYCLOAK, 587, IF_OFFERED, True, "pa#ss;word"),
        ("alertmanager", ALERTMANAGER, 587, STARTTLS, True, "pa#ss;word"),
        ("alertmanager", ALERTMANAGER_RECEIVER, 465, IMPLICIT, True, "pa#ss;word"),
        ("docker-mailserver", MAILSERVER, 587, STARTTLS, True, "pa#ss;word"),
        ("smtp-url", "smtps://me%40example.com:pa%23ss%3Bword@smtp.example.com:465", 465, IMPLICIT,
         True, "pa#ss;word"),
        ("smtp-url", "SMTP_URL='smtp://smtp.example.com:25'", 25, IF_OFFERED, False, None),
        ("swaks", SWAKS, 587, STARTTLS, True, "pa#ss;word"),
        ("swaks", "swaks --to you@x.example --server smtp.example.com", 25, PLAINTEXT, False, None),
        ("curl", CURL, 465, IMPLICIT, True, "pa#ss;word"),
        ("curl", 'curl smtp://smtp.example.com --ssl -u "me@example.com:$MAIL_PASSWORD" -T -', 25,
         IF_OFFERED, True, "${MAIL_PASSWORD}"),
        ("msmtp", MSMTP, 587, STARTTLS, True, "pa#ss;word"),
        ("postfix", POSTFIX, 587, STARTTLS, True, "pa#ss;word"),
        ("exim", EXIM, 587, STARTTLS, True, "pa#ss;word"),
        ("ssmtp", SSMTP, 587, STARTTLS, True, "password"),
        ("nullmailer", NULLMAILER, 587, STARTTLS, True, "pa#ss;word"),
        ("git-send-email", GIT, 587, STARTTLS, True, "pa#ss;word"),
        ("git-send-email", GIT_COMMANDS, 587, STARTTLS, True, "pa#ss;word"),
        ("mutt", MUTT, 587, STARTTLS, True, "pa#ss;word"),
        ("thunderbird", THUNDERBIRD, 465, IMPLICIT, False, None),
        ("powershell", POWERSHELL, 587, STARTTLS, True, "pa#ss;word"),
        ("powershell", POWERSHELL_ASKS, 587, STARTTLS, False, None),
    ],
)  # fmt: skip
def test_it_is_recognised_and_read(
    format_id: str, text: str, port: int, security: Security, user: bool, secret: str | None
) -> None:
    best, _ = recognise(text)[0]
    assert best.id == format_id
    assert best.read
    read = best.read(text)
    transport = read.change.apply(Transport())
    assert transport.host == "smtp.example.com"
    assert transport.effective_port == port
    assert transport.security is security
    assert transport.auth.user == ("me@example.com" if user else "")
    assert read.change.secret == (Secret(secret) if secret else None)
    assert secret is None or secret.startswith("${") or secret not in repr(read)
