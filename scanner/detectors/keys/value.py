"""What is known of a private key once it was looked at: public facts only."""

import msgspec


class PrivateKey(msgspec.Struct, frozen=True):
    """One private key, described by what may be told of it."""

    kind: str
    """The algorithm, e.g. `RSA`, `Ed25519`, `ECDSA P-256`; the container's name when a passphrase
    hides the algorithm."""
    form: str
    """The file format, e.g. `OpenSSH`, `PKCS #8`."""
    bits: int = 0
    """Size as the field counts it (an RSA modulus); 0 where unknown or implied by the kind."""
    protected: bool = False
    """A passphrase is needed to use it."""
    fingerprint: str = ""
    """`SHA256:...` of the public key as `ssh-keygen -l` prints it; empty where the public key is
    not known or has no OpenSSH form."""
    identity: bytes = b""
    """Bytes that are the same for the same key in every form, computed from public parts (or from
    the cipher text of a protected key)."""
    proven: bool = False
    """The numbers inside belong together, or the format's own checksum fits: no placeholder."""
    fault: str = ""
    """Why it may be damaged or invented; empty for a sound key."""

    def describe(self) -> str:
        """In words, for evidence."""
        size = f" of {self.bits} bits" if self.bits else ""
        form = f" ({self.form})" if self.form not in self.kind else ""
        lock = "protected by a passphrase" if self.protected else "without a passphrase"
        text = f"{self.kind} private key{size}{form}, {lock}"
        if self.fault:
            text += f"; {self.fault}"
        return f"{text}; public key {self.fingerprint}" if self.fingerprint else text
