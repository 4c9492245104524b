"""The one error that a call ends with."""

_ADVICE = {
    401: "Use a key or token that is good: this one is wrong, expired, revoked or deleted",
    403: "Use a key or token that may do this, or let this one do more",
    404: "Look whether the id is right, and in the organization of the key or token",
    409: "Look at what is there already, or choose another name",
    429: "Wait a second, then try again",
    503: "Wait a second, then try again",
}


class CallFailed(Exception):
    """A call without the answer that was asked for: Keystead refused, or nobody answered as Keystead does.

    `status` is the HTTP status of Keystead's refusal; None: the server was not reached, did not answer in
    time, or is no Keystead. `message` is a sentence for people and `message_id` its stable name, such as
    `apikeys.name-taken` ("": there is none). `request_id` finds the request in the server's log ("": there is
    none). `advice` says what to do. No part of it holds a key or token.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        message_id: str = "",
        request_id: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(
            message, status, message_id, request_id, advice
        )  # all of it, so that it can be pickled
        self.message = message
        self.status = status
        self.message_id = message_id
        self.request_id = request_id
        self.advice = advice or _ADVICE.get(status or 0, "")

    def __str__(self) -> str:
        told = f"{self.message}. {self.advice}" if self.advice else self.message
        return f"{told} (request {self.request_id})" if self.request_id else told
