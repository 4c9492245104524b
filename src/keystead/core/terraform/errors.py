"""Why a state of Terraform is not rewritten. No error holds a value of a state: it is full of secrets."""

from keystead.core.errors import Conflict, Invalid


class StateNotUnderstood(Invalid):
    message = "The state is not understood, and nothing was written"
    message_id = "terraform.state-not-understood"


class NothingToRewrite(Conflict):
    message = "There is nothing to rewrite in the state, and nothing was written"
    message_id = "terraform.nothing-to-rewrite"


class KeysUnaccounted(Conflict):
    """An account without its state, or a state without its account, would be made once more."""

    message = "The server knows these otherwise, and nothing was written"
    message_id = "terraform.keys-unaccounted"


class SeveralProviders(Invalid):
    """Two servers may have keys of equal names and ids."""

    message = "The API keys belong to several providers; say with --provider which of them are this server"
    message_id = "terraform.several-providers"
