"""Why a server does not start: a setting, an unsafe way to listen, or its own files."""

from keystead.core.errors import Denied, Invalid, Unavailable


class SettingsError(Invalid):
    """The detail names the setting and where it came from, and never its value."""

    message = "A setting is wrong"
    message_id = "installation.setting-wrong"


class PublishedPassword(Denied):
    message = "The published password is for `keystead dev`; give the administrator another one"
    message_id = "installation.published-password"


class BindUnsafe(Denied):
    message = (
        "Passwords and tokens would cross the network unprotected;"
        " give --tls-cert and --tls-key, or --behind-proxy, or accept it with --insecure-http"
    )
    message_id = "installation.bind-unsafe"


class BindNotLoopback(Denied):
    message = "`keystead dev` listens on 127.0.0.1 or ::1 only; use `keystead serve` for any other address"
    message_id = "installation.bind-not-loopback"


class AddressBusy(Unavailable):
    message = "The address cannot be listened on; stop what uses it, or choose another --host or --port"
    message_id = "installation.address-busy"


class SecretsFileMissing(Unavailable):
    message = "The secrets file is missing; put it back, every token and session depends on it"
    message_id = "installation.secrets-file-missing"


class SecretsFileMalformed(Unavailable):
    message = "The secrets file is not as Keystead wrote it; put the right one back"
    message_id = "installation.secrets-file-malformed"


class PublishedSecret(Unavailable):
    message = "The secrets file holds the secret key that Grafana publishes; it protects nothing"
    message_id = "installation.published-secret"


class FileLoose(Unavailable):
    message = "A file with secrets may be read by other users; take their rights away (chmod 600)"
    message_id = "installation.file-loose"


class FolderLoose(Unavailable):
    message = "The data folder is open to other users; take their rights away (chmod 700)"
    message_id = "installation.folder-loose"


class FileUnusable(Unavailable):
    message = "A file or folder that the server needs cannot be read or written"
    message_id = "installation.file-unusable"
