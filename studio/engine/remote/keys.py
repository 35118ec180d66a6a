"""Keys of endpoints: in the system's keyring or an environment variable, never in a file of ours."""

import os
from typing import Final

from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError

SERVICE: Final = "Atelier"
_ENV: Final = "env:"
_DO: Final = "Or put the key into an environment variable and enter env:NAME as the key."


def key_of(endpoint: Endpoint) -> str:
    """The key, "" when it needs none. Raises StudioError when it is not where it should be."""
    if not endpoint.key:
        return ""
    if endpoint.key.startswith(_ENV):
        name = endpoint.key.removeprefix(_ENV)
        if not os.environ.get(name):
            raise StudioError(
                f"The key of “{endpoint.title}” should be in the environment variable {name}; it is not set.",
                do="Set it and start Atelier again, or enter the key in Other engines.",
                code="no_key",
            )
        return os.environ[name]
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(SERVICE, endpoint.id)
    except (KeyringError, RuntimeError, OSError) as error:
        raise StudioError(
            f"The system's keyring cannot be read: {error}.", do=_DO, code="no_keyring"
        ) from error
    if not found:
        raise StudioError(
            f"The key of “{endpoint.title}” is not in the keyring.",
            do="Enter it in Other engines.",
            code="no_key",
        )
    return str(found)


def headers_for(key: str) -> dict[str, str]:
    """What a request carries of a key ("" for none). Raises StudioError for one that no header can hold."""
    if not key.isascii() or not key.isprintable():
        raise StudioError(
            "The key holds a character that no key has, perhaps a curly quotation mark or a line break.",
            kept="Nothing was sent.",
            do="Enter the key again in Other engines, without quotation marks.",
            code="bad_key",
        )
    return {"Authorization": f"Bearer {key}"} if key else {}


def keep_key(endpoint_id: str, key: str) -> None:
    """Put a key into the system's keyring; "" takes it out. Raises StudioError when there is no keyring."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if key:
            keyring.set_password(SERVICE, endpoint_id, key)
        else:
            keyring.delete_password(SERVICE, endpoint_id)
    except PasswordDeleteError:
        return  # there was none
    except (KeyringError, RuntimeError, OSError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise StudioError(
            f"The system's keyring takes no keys: {said}.",
            kept="The key was not kept anywhere.",
            do=_DO,
            code="no_keyring",
        ) from error
