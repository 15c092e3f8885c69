"""How people prove who they are: passwords, codes, passkeys, single sign-on, and the links that open an account."""
