"""Private keys in all their files: is it one, of which kind, protected, and which public key?

`private_key.read` is the way in for text, `containers` for the binary key stores. Nothing here
keeps or shows key material: what leaves is a kind, a size, and the public key's fingerprint.
"""
