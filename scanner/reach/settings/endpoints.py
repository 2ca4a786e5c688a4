"""Whether an address in an agent's settings sends what belongs to a vendor somewhere else."""

import re
from urllib.parse import urlsplit

_VENDORS: dict[str, tuple[str, ...]] = {
    "anthropic": ("anthropic.com", "claude.com"),
    "openai": ("openai.com",),
    "azure": ("azure.com", "microsoft.com", "windows.net"),
    "google": ("googleapis.com", "google.com"),
    "gemini": ("googleapis.com", "google.com"),
    "vertexai": ("googleapis.com", "google.com"),
    "openrouter": ("openrouter.ai",),
    "mistral": ("mistral.ai",),
    "groq": ("groq.com",),
    "deepseek": ("deepseek.com",),
    "xai": ("x.ai",),
    "cohere": ("cohere.ai", "cohere.com"),
    "together": ("together.xyz", "together.ai"),
    "fireworks": ("fireworks.ai",),
    "cerebras": ("cerebras.ai",),
    "bedrock": ("amazonaws.com",),
    "amazon-bedrock": ("amazonaws.com",),
    "github-copilot": ("githubcopilot.com", "github.com"),
    "opencode": ("opencode.ai",),
    "kilo": ("kilo.ai", "kilocode.ai"),
}
_LOCAL = re.compile(
    r"localhost|.*\.(?:localhost|local|internal|test|invalid|lan|home\.arpa)|\[?::1\]?"
    r"|127(?:\.\d+){3}|0\.0\.0\.0|10(?:\.\d+){3}|192\.168(?:\.\d+){2}"
    r"|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|host\.docker\.internal"
)
_EXAMPLE = re.compile(r"(?:.*\.)?example(?:\.(?:com|org|net))?|your[-_.].*")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


def diverted_host(vendor: str, address: str) -> str | None:
    """The host, if the vendor is one we know and the address is neither theirs nor a near one.

    Nothing of the address but its host is returned: the rest may hold a credential. Addresses that
    are put together from variables, loopback, private networks and placeholders are not diverted.
    """
    own = _VENDORS.get(vendor.lower())
    if own is None or not isinstance(address, str) or re.search(r"[{}$<>]", address):
        return None
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    if _LOCAL.fullmatch(host) or _EXAMPLE.fullmatch(host):
        return None
    return None if any(host == name or host.endswith(f".{name}") for name in own) else host
