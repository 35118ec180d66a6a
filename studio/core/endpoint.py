"""A text model that another program serves: an address the person added."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from studio.core.checked import Checked
from studio.core.errors import StudioError

SCHEME: Final = "remote:"
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_DO: Final = "Write it like http://localhost:11434/v1 (Ollama) or http://localhost:8080/v1 (llama.cpp)."


class Endpoint(Checked, frozen=True, kw_only=True):
    """An OpenAI-compatible server and one of its models.

    `api` "completions" continues text as it stands; "chat" is for instruct models without that. `extended` sends
    samplers beyond OpenAI's own (llama.cpp, vLLM, Ollama and LM Studio know them). `key` says where the key is:
    "" none, "keyring" in the system's keyring, "env:NAME" in an environment variable; it never stands in a file.
    """

    id: str
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    url: Annotated[str, Meta(min_length=1, max_length=500)]
    model: Annotated[str, Meta(max_length=200)] = ""
    api: Literal["completions", "chat"] = "completions"
    context_tokens: Annotated[int, Meta(ge=256, le=2_000_000)] = 4096
    extended: bool = True
    key: Annotated[str, Meta(max_length=120)] = ""

    @property
    def path(self) -> str:
        """How jobs and menus name it."""
        return f"{SCHEME}{self.id}"

    @property
    def stamp(self) -> str:
        """Which model it is, for what is found out about it: another model at the same address is another."""
        return f"{SCHEME}{self.url}#{self.api}#{self.model}"


def is_remote(model: str) -> bool:
    """Whether a job's model is an endpoint."""
    return model.startswith(SCHEME)


def is_local(url: str) -> bool:
    """Whether an address is on this computer."""
    return (urlsplit(url).hostname or "") in LOOPBACK


def checked_url(url: str, *, with_key: bool = False) -> str:
    """The address without a trailing slash. Raises StudioError when it is none, or would show a key to others."""
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise StudioError(f"“{url}” is no address: {error}.", do=_DO, code="bad_url") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StudioError(f"“{url}” is no http or https address.", do=_DO, code="bad_url")
    if parts.username or parts.password:
        raise StudioError(
            "An address must not hold a name or a password.",
            do="Put the key into the key field.",
            code="bad_url",
        )
    if with_key and parts.scheme == "http" and not is_local(url):
        raise StudioError(
            f"The key would travel to {parts.hostname} unencrypted, for all to read.",
            kept="Nothing was sent.",
            do="Use an https address.",
            code="bad_url",
        )
    return url
