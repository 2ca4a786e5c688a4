"""Private keys that are public: printed in a standard, or shipped with a tool for everyone's use.

Told by the public key, so no private key is stored here. Only keys whose publication can be looked
up are listed.
"""

from types import MappingProxyType
from typing import Final

PUBLISHED: Final = MappingProxyType(
    {
        "SHA256:1M4RzhMyWuFS/86uPY/ce2prh/dVTHW7iD2RhpquOZA": "Vagrant's insecure key",
        "SHA256:WkvqjnyPAeC0cbPErYiGP9vqHdgL1MqqvPdIe3lvHgI": "Vagrant's insecure key",
        "SHA256:UepsPDfQFIYFnSX2/fHWJiXgHiADW8smndyMiOaRclM": "the sample key of jwt.io",
        "SHA256:ebCT4wkJOqO5AIlHG03cHvn3Cr3ZZEEh8m81duHhR3Q": "the example of RFC 8410",
        "SHA256:h+PAyXb3n4bqtmzZtsfJYZi/Ru2NzBNfXOe72fMggoU": "the example of RFC 7517",
        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8": "a test vector of RFC 8032",
        "SHA256:F34nin7tcaYH6WR5LSWSfj6weFBPfBpuyUUoPFP9YjA": "a test vector of RFC 8032",
        "SHA256:s3Z2A+mldeflHo5TMMEUA7MlkMg96xvtqH9DGLHHZmE": "a test vector of RFC 8032",
    }
)
"""OpenSSH fingerprints of public keys with the place where their private halves are published."""
